"""“Check against the book”: published and computed figures side by side, over the window."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget
from shiboken6 import isValid

from rlxent_core.world import World
from rlxent_gui.book import BookReport, book_report, caption, differ_sentence, verdict
from rlxent_gui.document import Document
from rlxent_gui.panels.comparison import ComparisonTable
from rlxent_gui.panels.keys import Page
from rlxent_gui.panels.veil import Veil
from rlxent_gui.theme import SEMIBOLD, appearance
from rlxent_gui.widgets.background import background
from rlxent_gui.widgets.buttons import Button
from rlxent_gui.widgets.text import Label

WIDTH, SCROLL_BAR = 560, 12
COMPUTED_HOW = (
    "Computed by dynamic programming from the world on the board, without a step limit, as the"
    " book does."
)


class BookOverlay(Veil):
    """Shown by :meth:`open`; the figures are computed beside the window and follow."""

    def __init__(self, document: Document, parent: QWidget) -> None:
        super().__init__("Check against the book", parent)
        self._document = document
        self.sheet: BookSheet | None = None
        document.world_changed.connect(self._refresh)
        document.opened.connect(self._refresh)

    def make_sheet(self) -> QWidget:
        self.sheet = BookSheet(self)
        self.sheet.close_button.clicked.connect(self.leave)
        return self.sheet

    def open(self) -> None:
        super().open()
        assert self.sheet is not None
        self.sheet.close_button.setFocus()
        self._compute()

    def _refresh(self, *_: object) -> None:
        if self.isVisible():
            self._compute()

    def _compute(self) -> None:
        world = self._document.world
        background().run(partial(book_report, world), partial(self._show, world))

    def _show(self, world: World, report: BookReport) -> None:
        if isValid(self) and self.sheet is not None and world is self._document.world:
            self.sheet.show_report(report)
            self.place()


class BookSheet(QScrollArea):
    """The report on a page; it scrolls where the window is too small."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.report: BookReport | None = None
        self.title = Label("Check against the book", 20, SEMIBOLD, "ink")
        self.close_button = Button(icon="x", quiet=True, height=32, tip="Close (Esc)")
        self._page = Page()
        column = QVBoxLayout(self._page)
        column.setContentsMargins(24, 16, 24, 20)
        column.setSpacing(10)
        head = QHBoxLayout()
        head.addWidget(self.title, 1)
        head.addWidget(self.close_button)
        column.addLayout(head)
        self._body = QVBoxLayout()
        self._body.setSpacing(6)
        column.addLayout(self._body)
        column.addStretch(1)
        self.tables: list[ComparisonTable] = []
        self._add(Label("Computing…", 14))
        self.setWidget(self._page)

    def sizeHint(self) -> QSize:
        layout = self._page.layout()
        assert layout is not None
        layout.activate()
        width = max(appearance().px(WIDTH), layout.minimumSize().width())
        height = max(layout.totalHeightForWidth(width), layout.minimumSize().height())
        return QSize(width + SCROLL_BAR, height + 2)

    def texts(self) -> list[str]:
        """All that is said, from above to below."""
        return [label.text() for label in self._page.findChildren(Label)]

    def show_report(self, report: BookReport) -> None:
        self.report = report
        while (item := self._body.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.setParent(None)
                widget.deleteLater()
        self.tables = []
        self._add(Label(report.title, 15, SEMIBOLD, "ink"))
        if report.source:
            self._add(Label(report.source, 13, wrap=True))
        if sentence := differ_sentence(report):
            self._add(Label(sentence, 13, SEMIBOLD, "neg_text", wrap=True))
        if report.remark:
            self._add(Label(report.remark, 14, role="ink", wrap=True))
        for comparison in report.comparisons:
            self._body.addSpacing(8)
            self._add(Label(caption(comparison), 14, SEMIBOLD, "ink"))
            self._add(Label(comparison.figure.where, 12, role="ink3"))
            table = ComparisonTable(comparison)
            self.tables.append(table)
            self._add(table)
            agrees = comparison.agreeing == comparison.total
            role = "opt_text" if agrees else "neg_text"
            self._add(Label(verdict(comparison), 13, SEMIBOLD, role))
        if report.comparisons:
            self._body.addSpacing(8)
            self._add(Label(COMPUTED_HOW, 12, role="ink3", wrap=True))

    def _add(self, widget: QWidget) -> None:
        self._body.addWidget(widget)
        widget.show()  # what is still to be shown takes no room yet
