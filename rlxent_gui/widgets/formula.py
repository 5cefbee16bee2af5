"""The formula ribbon: the loss as the settings write it.  Its underlined terms are buttons."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable

from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QEnterEvent, QKeyEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QSizePolicy, QWidget

from rlxent_core.settings import Settings
from rlxent_gui.theme import appearance
from rlxent_gui.widgets.card import Panel, paint_disc
from rlxent_gui.widgets.focus import watch_focus
from rlxent_gui.widgets.formula_terms import Piece, Term, all_pieces, terms_of
from rlxent_gui.widgets.paint import box
from rlxent_gui.widgets.text import Label
from rlxent_gui.widgets.typeset import draw, typesetter

ASCENT, DESCENT = 1.17, 1.23
"""Of the tallest pieces, and of a disc below its underline, in em."""
USUAL, SMALLEST = 28.0, 13.0
SENTENCE = (
    "The whole app edits this one line: cross-entropy on your own actions, reweighted by how it "
    "turned out."
)


class Formula(QWidget):
    """The line itself, as large as it fits, up to 28 px an em.

    ``term_clicked(n)`` is emitted when a term of bet n (1 architecture, 2 head, 3 signal) is
    pressed, by mouse or by Return.  ``ahead`` are pieces that will be wanted later.
    """

    term_clicked = Signal(int)

    def __init__(
        self, ahead: Callable[[], Iterable[str]] = all_pieces, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._ahead = ahead
        self._terms: tuple[Term, ...] = ()
        self._places: list[tuple[Piece, QPointF]] = []
        self._buttons: list[_TermButton] = []
        self._painted = False
        self.em = USUAL
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        typesetter().ready.connect(self._restyle)
        appearance().changed.connect(self._restyle)

    def set_terms(self, terms: tuple[Term, ...]) -> None:
        """Write these terms, one after the other."""
        if terms == self._terms:
            return
        self._terms = terms
        self.setAccessibleName("Loss: " + "; ".join(t.meaning for t in terms if t.meaning))
        # Buttons are kept where they can be: the one that has the focus must not go.
        wanted = [term for term in terms if term.number]
        while len(self._buttons) > len(wanted):
            self._buttons.pop().deleteLater()
        while len(self._buttons) < len(wanted):
            self._buttons.append(_TermButton(self))
            self._order_last()
        for button, term in zip(self._buttons, wanted, strict=True):
            button.set_term(term)
        self._arrange()

    def _order_last(self) -> None:
        """Let Tab come to the last button here: made late, it would be the last in the window."""
        before, button = (self, *self._buttons)[-2:]
        # Qt puts nothing in order that takes no focus.
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        QWidget.setTabOrder(before, button)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    def term_buttons(self) -> tuple[QAbstractButton, ...]:
        """The buttons of the underlined terms, from left to right."""
        return tuple(self._buttons)

    @property
    def is_set(self) -> bool:
        """Whether the mathematics is there to be drawn."""
        return bool(self._places)

    def _restyle(self) -> None:
        self.updateGeometry()
        self._arrange()

    def natural_width(self, em: float) -> float:
        """Pixels that the line takes at ``em``; a guess as long as it is not set."""
        width = 0.0
        for term in self._terms:
            for piece in term.pieces:
                set_piece = typesetter().get(piece.tex)
                width += piece.before + (set_piece.advance if set_piece else 1.4)
        return width * em

    def sizeHint(self) -> QSize:
        em = appearance().px(USUAL)
        return QSize(round(self.natural_width(em)) + 4, self._height(em))

    def minimumSizeHint(self) -> QSize:
        em = SMALLEST * min(1.0, appearance().factor)
        return QSize(round(self.natural_width(em)) + 4, self._height(em))

    def _height(self, em: float) -> int:
        return math.ceil((ASCENT + DESCENT) * em)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        """Place every piece, and the buttons over their terms."""
        self._places = []
        pieces = [piece.tex for term in self._terms for piece in term.pieces]
        if not pieces or not self._painted or not typesetter().ask(pieces):
            self.update()
            return
        unit = self.natural_width(1.0)
        room_em = min((self.width() - 4) / unit, self.height() / (ASCENT + DESCENT))
        self.em = max(SMALLEST / 2, min(appearance().px(USUAL), room_em))
        em, x = self.em, 2.0
        baseline = (self.height() - (ASCENT + DESCENT) * em) / 2 + ASCENT * em
        buttons = iter(self._buttons)
        for term in self._terms:
            places, first = [], x + term.pieces[0].before * em
            for piece in term.pieces:
                set_piece = typesetter().get(piece.tex)
                assert set_piece is not None
                x += piece.before * em
                places.append((piece, QPointF(x, baseline)))
                x += set_piece.advance * em
            if term.number:
                next(buttons).place(places, QRectF(first, 0, x - first, self.height()), em)
            else:
                self._places += places
        self.update()
        typesetter().ask(self._ahead())  # what other settings will want, before they want it

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._painted:  # setting mathematics must not hold up the window's first picture
            self._painted = True
            QTimer.singleShot(0, self, self._arrange)
        painter = QPainter(self)
        for piece, origin in self._places:
            paint_piece(painter, piece, origin, self.em, self.devicePixelRatioF())


def paint_piece(
    painter: QPainter, piece: Piece, origin: QPointF, em: float, dpr: float
) -> None:
    """Draw a piece in the colour of its role."""
    set_piece = typesetter().get(piece.tex)
    if set_piece is not None:
        draw(painter, set_piece, origin, em, getattr(appearance().theme, piece.role), dpr)


class _TermButton(QAbstractButton):
    """A term with its underline and its disc."""

    def __init__(self, formula: Formula) -> None:
        super().__init__(formula)
        self._formula = formula
        self._term: Term | None = None
        self._places: list[tuple[Piece, QPointF]] = []
        self._line = QRectF()
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        watch_focus(self, 4)
        self.clicked.connect(self._press)
        self.show()

    def set_term(self, term: Term) -> None:
        self._term = term
        self._places = []
        self.setAccessibleName(term.meaning)
        self.setToolTip(term.meaning)

    def _press(self) -> None:
        if self._term is not None:
            self._formula.term_clicked.emit(self._term.number)

    def place(
        self, places: list[tuple[Piece, QPointF]], span: QRectF, em: float
    ) -> None:
        """Lie over ``span`` of the formula, a little wider than the term."""
        edge = 0.06 * em
        rect = span.adjusted(-edge, 0, edge, 0).toAlignedRect()
        self.setGeometry(QRect(rect))
        corner = QPointF(rect.topLeft())
        self._places = [(piece, origin - corner) for piece, origin in places]
        line = max(1.5, 0.075 * em)
        under = places[0][1].y() + 0.47 * em
        self._line = QRectF(span.left() - corner.x(), under, span.width(), line)
        self.update()

    def enterEvent(self, event: QEnterEvent) -> None:
        super().enterEvent(event)
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
            return
        super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._places or self._term is None:
            return
        painter = QPainter(self)
        theme, em = appearance().theme, self._formula.em
        hot = self.underMouse() or self.hasFocus()
        if hot:
            box(painter, QRectF(self.rect()), 4, theme.hairline)
        for piece, origin in self._places:
            paint_piece(painter, piece, origin, em, self.devicePixelRatioF())
        painter.fillRect(self._line, theme.ink)
        disc = max(10.0, 0.58 * em)
        top = min(self._line.bottom() + 0.1 * em, self.height() - disc)
        centre = self._line.center().x()
        paint_disc(painter, QRectF(centre - disc / 2, top, disc, disc), self._term.number)


class FormulaRibbon(Panel):
    """The card that holds the formula; put chips into :attr:`side` where the window is narrow.

    The sentence at the right is shown where there is room for it and no chip.
    """

    term_clicked = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.formula = Formula()
        self.formula.term_clicked.connect(self.term_clicked)
        self.sentence = Label(SENTENCE, 13, wrap=True)
        self.side = QHBoxLayout()
        self.side.setSpacing(8)
        row = QHBoxLayout(self)
        row.setContentsMargins(20, 4, 14, 4)
        row.setSpacing(16)
        row.addWidget(self.formula, 1)
        row.addWidget(self.sentence)
        row.addLayout(self.side)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Loss")
        self.sentence.hide()
        appearance().changed.connect(self._fit)
        typesetter().ready.connect(self._fit)

    def set_terms(self, settings: Settings) -> None:
        """Write the loss of these settings."""
        self.formula.set_terms(terms_of(settings))
        self._fit()

    def add_chip(self, chip: QWidget) -> None:
        """Put ``chip`` at the right end."""
        self.side.addWidget(chip)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.LayoutRequest:  # a chip has come or gone
            self._fit()
        return super().event(event)

    def _fit(self) -> None:
        px = appearance().px
        chips = any(
            (item := self.side.itemAt(i)) is not None
            and (widget := item.widget()) is not None and not widget.isHidden()
            for i in range(self.side.count())
        )
        spare = self.width() - self.formula.sizeHint().width() - 60
        self.sentence.setVisible(not chips and spare >= px(250))
        self.sentence.setFixedWidth(min(px(290), max(px(250), spare)))
