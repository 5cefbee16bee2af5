"""The loss of the episode on show: cross-entropy with the actions as labels, times a weight."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QSize, Qt, Signal
from PySide6.QtGui import QActionGroup, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QSizePolicy, QWidget

from rlxent_core.weightings import TRAINED, WEIGHTINGS
from rlxent_gui.credit_view import CreditView
from rlxent_gui.theme import appearance
from rlxent_gui.widgets.card import Panel
from rlxent_gui.widgets.formula import Formula
from rlxent_gui.widgets.formula_terms import credit_pieces, terms_of_weighting
from rlxent_gui.widgets.text import Label
from rlxent_gui.widgets.typeset import typesetter

LABEL = "label = the action taken"
SHRUNK = 0.66
"""How small the formula may become beside the label, of its usual size."""


class LossRibbon(Panel):
    """Passive: :meth:`show_credit` in, ``command("credit_weighting", name)`` out.

    The weight carries the disc ③ as in the training's own formula; pressing it offers the others.
    """

    command = Signal(str, object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._view: CreditView | None = None
        self.formula = Formula(credit_pieces)
        self.formula.term_clicked.connect(self._open)
        self.label = Label(LABEL, 13)
        self.menu = QMenu(self)
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 4, 14, 4)
        row.setSpacing(16)
        row.addWidget(self.formula, 1)
        row.addWidget(self.label)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Loss of the episode")
        appearance().changed.connect(self._fit)
        typesetter().ready.connect(self._fit)

    def show_credit(self, view: CreditView) -> None:
        self._view = view
        exact = view.episode.settings.discount_weighting == "exact"
        self.formula.set_terms(terms_of_weighting(
            view.weighting, learned=view.learned, lam=view.gae_lambda,
            discount=view.world.discount, exact_discounting=exact,
        ))
        self._fit()

    def minimumSizeHint(self) -> QSize:
        return QSize(0, super().minimumSizeHint().height())

    def _open(self, number: int) -> None:
        """All weightings, the one in force marked."""
        assert self._view is not None
        self.menu.clear()
        group = QActionGroup(self.menu)
        for row in self._view.rows:
            if row.name in (*WEIGHTINGS, TRAINED):
                action = self.menu.addAction(row.label)
                action.setCheckable(True)
                action.setChecked(row.name == self._view.weighting)
                action.triggered.connect(
                    lambda _=False, name=row.name: self.command.emit("credit_weighting", name)
                )
                group.addAction(action)
        button = self.formula.term_buttons()[0]
        self.menu.popup(button.mapToGlobal(QPoint(0, button.height())))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """The label gives way before the formula shrinks much; it is then told by its tooltip."""
        spare = self.width() - SHRUNK * self.formula.sizeHint().width() - 46
        shown = spare >= self.label.sizeHint().width()
        self.label.setVisible(shown)
        self.formula.setToolTip("" if shown else LABEL)
        self.label.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
