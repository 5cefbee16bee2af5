"""The plots on a page, each with its title, as their cards show them."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize
from PySide6.QtGui import QFontMetricsF, QPainter

from rlxent_gui.export.pictures import Page
from rlxent_gui.plots.paper import PaperChart
from rlxent_gui.plots.plot_card import PlotCard
from rlxent_gui.theme import SEMIBOLD, Appearance, Theme

SIZE = QSize(640, 320)
LEFT, TITLE, EDGE, GAP = 15, 40, 12, 14


def plots_page(cards: Sequence[PlotCard], theme: Theme, size: QSize = SIZE) -> Page:
    """The plots of ``cards`` one below the other, ``size`` each, in ``theme``.

    To be called in the window's thread; what paints the page needs nothing of it any more.
    """
    look = Appearance(theme)
    charts = [
        (card.title.text(), card.subtitle.text(), _chart(card, look, size)) for card in cards
    ]
    height = len(charts) * size.height() + (len(charts) - 1) * GAP

    def paint(painter: QPainter) -> None:
        painter.fillRect(QRectF(0, 0, size.width(), height), theme.surface)
        for k, (title, subtitle, chart) in enumerate(charts):
            top = k * (size.height() + GAP)
            painter.save()
            painter.translate(0, top)
            _paint_title(painter, look, title, subtitle)
            painter.translate(LEFT, TITLE)
            chart.paint(painter)
            painter.restore()

    return Page(charts[0][0] if len(charts) == 1 else "Plots", QSize(size.width(), height), paint)


def _chart(card: PlotCard, look: Appearance, size: QSize) -> PaperChart:
    if card.chart is None:
        card.build()
    width, height = size.width() - 2 * LEFT, size.height() - TITLE - EDGE
    return card.drawn_on(lambda text, whole: PaperChart(look, width, height, text, whole))


def _paint_title(painter: QPainter, look: Appearance, title: str, subtitle: str) -> None:
    strong, plain = look.font(15, SEMIBOLD), look.font(13)
    line = 12 + QFontMetricsF(strong).ascent()
    painter.setFont(strong)
    painter.setPen(look.theme.ink)
    painter.drawText(QPointF(LEFT, line), title)
    painter.setFont(plain)
    painter.setPen(look.theme.ink2)
    left = LEFT + QFontMetricsF(strong).horizontalAdvance(title) + 8
    painter.drawText(QPointF(left, line), subtitle)
