"""Small drawings on tiles, each in a square box."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen, QPolygonF


def flag(painter: QPainter, box: QRectF, colour: QColor, _tint: QColor) -> None:
    """A pole with a pennant: a goal."""
    s = box.height()
    pole = QRectF(box.left() + 0.24 * s, box.top(), max(1.5, 0.115 * s), s)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    painter.drawRoundedRect(pole, pole.width() / 2, pole.width() / 2)
    painter.drawPolygon(
        QPolygonF([
            QPointF(pole.left() + pole.width() / 2, box.top() + 0.02 * s),
            QPointF(box.left() + 1.0 * s, box.top() + 0.27 * s),
            QPointF(pole.left() + pole.width() / 2, box.top() + 0.52 * s),
        ])
    )


def crossed_disc(painter: QPainter, box: QRectF, colour: QColor, tint: QColor) -> None:
    """A hole seen from aslant, crossed out: a pit."""
    s = box.height()
    hole = QRectF(box.center().x() - 0.6 * s, box.center().y() - 0.45 * s, 1.2 * s, 0.9 * s)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    painter.drawEllipse(hole)
    _cross(painter, box.center(), 0.2 * s, QPen(tint, max(1.6, 0.13 * s)))


def stop_square(painter: QPainter, box: QRectF, colour: QColor, _tint: QColor) -> None:
    """A filled square: an end that pays nothing."""
    s = box.height()
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    square = box.adjusted(0.16 * s, 0.16 * s, -0.16 * s, -0.16 * s)
    painter.drawRoundedRect(square, 0.08 * s, 0.08 * s)


def way_out(painter: QPainter, box: QRectF, colour: QColor, _tint: QColor) -> None:
    """An arrow that leaves a doorway: an exit."""
    s = box.height()
    painter.setPen(_pen(colour, max(1.4, 0.12 * s)))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    door = [(0.42, 0.08), (0.06, 0.08), (0.06, 0.92), (0.42, 0.92)]
    painter.drawPolyline(_polygon(box, door))
    painter.drawLine(_at(box, 0.34, 0.5), _at(box, 0.96, 0.5))
    painter.drawPolyline(_polygon(box, [(0.7, 0.24), (0.96, 0.5), (0.7, 0.76)]))


def return_arrow(painter: QPainter, box: QRectF, colour: QColor, _tint: QColor) -> None:
    """An arrow that comes round: back to the start."""
    s = box.height()
    painter.setPen(_pen(colour, max(1.4, 0.12 * s)))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    ring = box.adjusted(0.1 * s, 0.1 * s, -0.1 * s, -0.1 * s)
    path = QPainterPath()
    path.arcMoveTo(ring, 150)
    path.arcTo(ring, 150, -290)
    path.moveTo(_at(box, 0.02, 0.12))
    path.lineTo(_at(box, 0.13, 0.36))
    path.lineTo(_at(box, 0.4, 0.3))
    painter.drawPath(path)


def turned_arrows(painter: QPainter, box: QRectF, colour: QColor) -> None:
    """Two arrows in opposite directions: what is chosen turns round."""
    painter.setPen(_pen(colour, max(1.0, 0.085 * box.height())))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for points in (
        [(0.2, 0.36), (0.8, 0.36), (0.62, 0.18)],
        [(0.8, 0.64), (0.2, 0.64), (0.38, 0.82)],
    ):
        painter.drawPolyline(_polygon(box, points))


def plus_or_minus(painter: QPainter, box: QRectF, colour: QColor, plus: bool) -> None:
    """The sign of a reward where no number fits."""
    painter.setPen(QPen(colour, max(1.2, 0.16 * box.height())))
    painter.drawLine(_at(box, 0.24, 0.5), _at(box, 0.76, 0.5))
    if plus:
        painter.drawLine(_at(box, 0.5, 0.24), _at(box, 0.5, 0.76))


def diagonals(painter: QPainter, box: QRectF, step: float, count: int) -> None:
    """Lines x + y = step, 2·step … from (0, 0), as far as they lie in ``box``.

    They end where the box does by themselves: not every picture format can clip.
    """
    for k in range(1, count + 1):
        left = max(box.left(), k * step - box.bottom())
        right = min(box.right(), k * step - box.top())
        if left < right:
            painter.drawLine(QPointF(right, k * step - right), QPointF(left, k * step - left))


def _cross(painter: QPainter, centre: QPointF, arm: float, pen: QPen) -> None:
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    painter.setPen(pen)
    for across in (arm, -arm):
        painter.drawLine(centre - QPointF(arm, across), centre + QPointF(arm, across))


def _pen(colour: QColor, width: float) -> QPen:
    pen = QPen(colour, width)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    return pen


def _at(box: QRectF, x: float, y: float) -> QPointF:
    return QPointF(box.left() + x * box.width(), box.top() + y * box.height())


def _polygon(box: QRectF, points: list[tuple[float, float]]) -> QPolygonF:
    return QPolygonF([_at(box, x, y) for x, y in points])
