"""A figure of a book beside the same figure computed, cell by cell."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from rlxent_core.published import Comparison
from rlxent_gui import icons
from rlxent_gui.book import printed, verdict
from rlxent_gui.theme import MEDIUM, SEMIBOLD, appearance
from rlxent_gui.words import true_minus

HEADINGS = ("Published", "Computed")


class ComparisonTable(QWidget):
    """Two tables on the grid of the cells: left what is printed, right what comes out."""

    def __init__(self, comparison: Comparison, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.comparison = comparison
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(verdict(comparison))
        self.setAccessibleDescription("; ".join(
            f"{p} published, {x} computed"
            for was, now in zip(comparison.figure.printed, comparison.computed, strict=True)
            for p, x in zip(was, now, strict=True) if p is not None
        ))
        appearance().changed.connect(self.updateGeometry)

    def _cell(self) -> tuple[int, int]:
        """Width and height of a cell."""
        px = appearance().px
        metrics = QFontMetricsF(appearance().font(13, SEMIBOLD))
        rows = (*self.comparison.figure.printed, *self.comparison.computed)
        texts = [printed(self.comparison, text) for row in rows for text in row if text]
        widest = max(metrics.horizontalAdvance(text) for text in texts)
        return max(px(52), round(widest) + px(30)), px(30)

    def _heading(self) -> int:
        return appearance().px(22)

    def sizeHint(self) -> QSize:
        width, height = self._cell()
        table = self.comparison.figure.printed
        gap = appearance().px(20)
        least = appearance().px(84)
        side = max(len(table[0]) * width, least)
        return QSize(2 * side + gap + 2, self._heading() + len(table) * height + 2)

    minimumSizeHint = sizeHint

    def paintEvent(self, event: QPaintEvent) -> None:
        look = appearance()
        width, _ = self._cell()
        side = max(len(self.comparison.figure.printed[0]) * width, look.px(84))
        with QPainter(self) as painter:
            for k, heading in enumerate(HEADINGS):
                left = k * (side + look.px(20))
                painter.setFont(look.font(12))
                painter.setPen(look.theme.ink3)
                painter.drawText(
                    QRectF(left, 0, side, self._heading()), Qt.AlignmentFlag.AlignVCenter, heading
                )
                self._table(painter, left, computed=k == 1)

    def _table(self, painter: QPainter, left: float, computed: bool) -> None:
        look = appearance()
        theme, px = look.theme, look.px
        width, height = self._cell()
        comparison = self.comparison
        rows = comparison.computed if computed else comparison.figure.printed
        for r, row in enumerate(rows):
            for c, text in enumerate(row):
                rect = QRectF(left + c * width, self._heading() + r * height, width, height)
                agrees = comparison.agrees[r][c]
                wrong = computed and agrees is False
                fill = theme.neg_tint if wrong else theme.surface if text else theme.sunken
                painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
                painter.fillRect(rect, fill)
                painter.setPen(theme.border)
                painter.drawRect(rect)
                if not text:
                    continue
                words = true_minus(text) if computed else printed(comparison, text)
                painter.setFont(look.font(13, SEMIBOLD if wrong else MEDIUM))
                painter.setPen(theme.neg_text if wrong else theme.ink)
                mark = px(12)
                room = rect.adjusted(px(4), 0, -(mark + px(9)) if computed else -px(10), 0)
                painter.drawText(
                    room, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, words
                )
                if computed:
                    icon = icons.pixmap(
                        "x" if wrong else "check", theme.neg_text if wrong else theme.opt_text,
                        mark, self.devicePixelRatioF(),
                    )
                    at = QPointF(rect.right() - mark - px(5), rect.center().y() - mark / 2)
                    painter.drawPixmap(QPointF(round(at.x()), round(at.y())), icon)
