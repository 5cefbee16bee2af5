"""Which episode is looked at: its length and return, and the ways to another one."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QAction, QFontMetrics, QResizeEvent
from PySide6.QtWidgets import QMenu, QSizePolicy, QWidget

from rlxent_core.weightings import EpisodeCredit
from rlxent_gui.credit_view import CreditView
from rlxent_gui.theme import SEMIBOLD, appearance
from rlxent_gui.widgets.buttons import Button
from rlxent_gui.widgets.choice_button import MenuButton
from rlxent_gui.widgets.segmented import Segmented
from rlxent_gui.widgets.stepper import Stepper
from rlxent_gui.widgets.text import ElidedLabel, Label
from rlxent_gui.words import count, counted, signed_text

PICKS = {
    "best": ("Best", "The episode of the batch with the largest return"),
    "median": ("Median", "The episode of the batch with the median return"),
    "worst": ("Worst", "The episode of the batch with the smallest return"),
}
NEW = ("New episode", "Draw another episode with this policy; training does not notice")
STORED = ("Stored episode", "The episode that comes with this world")
PIN = "Keep this episode while training goes on"
TITLE, LARGE = 20, 28
GAP = 8


class EpisodeBar(QWidget):
    """Passive: :meth:`show_credit` in, ``command`` out.

    On the first row title, return, pin and "New episode"; on the second one the stepper through
    the batch, best, median and worst, the stored episode, and what a newer update has brought.
    Where a row is too narrow for all that can be on it, buttons go into a menu; so neither the pin
    nor an update moves anything.
    """

    command = Signal(str, object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._view: CreditView | None = None
        self._large = False
        self._titles: tuple[str, ...] = ()
        self._subtitles: tuple[str, ...] = ()
        self._policies: dict[str, str] = {}
        self.title = Title("", parent=self)
        self.subtitle = ElidedLabel("", 13, parent=self)
        self.pin = Button(icon="push-pin", checkable=True, height=32, icon_size=18, tip=PIN,
                          parent=self)
        self.new = self._button(NEW, "credit_new", height=32)
        self.new.setAccessibleName(NEW[0])
        self.stepper = Stepper("Episode", 1, 1, 1, whole=True, width=40, format=count, parent=self)
        self.of = Label("", 13, parent=self)
        self.picks = {
            which: self._button(words, "credit_episode", which) for which, words in PICKS.items()
        }
        self.stored = self._button(STORED, "credit_stored")
        self.latest = Button("", height=26, size=13, padding=8, parent=self)
        self.policy = Segmented({"then": "Then", "now": "Now"}, name="Policy and V", height=26,
                                size=12, padding=8, parent=self)
        self.more = MenuButton("Choose", height=26, size=13, icon_size=12, padding=8,
                               icon="caret-down", tip="Other episodes", parent=self)
        self.menu = QMenu(self)
        self.pin.clicked.connect(lambda on: self.command.emit("credit_pin", on))
        self.stepper.changed.connect(self._choose)
        self.latest.clicked.connect(lambda: self.command.emit("credit_latest", None))
        self.policy.chosen.connect(lambda which: self.command.emit("credit_policy", which))
        self.more.clicked.connect(self._open_menu)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        for part in (self.title, self.subtitle, self.pin, self.new, self.stepper, self.of,
                     *self.picks.values(), self.stored, self.latest, self.policy, self.more):
            # There is nothing to choose before there is an episode.
            part.hide()
        appearance().changed.connect(self._restyle)

    def _button(
        self, words: tuple[str, str], command: str, argument: str | None = None, height: int = 26
    ) -> Button:
        text, tip = words
        button = Button(text, height=height, size=13, padding=8 if height < 32 else 12, tip=tip,
                        parent=self)
        button.clicked.connect(lambda: self.command.emit(command, argument))
        return button

    def set_large(self, large: bool) -> None:
        """Whether there is room for a title that is read from the last row."""
        if large != self._large:
            self._large = large
            self.title.set_size(LARGE if large else TITLE)
            self._restyle()

    def show_credit(self, view: CreditView) -> None:
        self._view = view
        episode = view.episode
        batch = len(episode.batch_returns)
        length = counted(episode.length, "step")
        self._titles = (f"One episode, {length}", length)
        total = signed_text(episode.total_return)
        cut = episode.out_of_time
        self._subtitles = (
            f"{_kind(view)} return {total}" + (" (cut at max_steps)" if cut else ""),
            f"return {total}" + (" (cut)" if cut else ""),
            total + (" (cut)" if cut else ""),
        )
        self.stepper.set_range(1, batch)
        self.stepper.set_value(episode.index + 1)
        self.stepper.setEnabled(batch > 1)
        self.stepper.field.setToolTip(f"{origin(episode)}; Up and Down go through them")
        self.of.setText(f"of {count(batch)}")
        for button in self.picks.values():
            button.setEnabled(batch > 1)
        self.pin.setChecked(view.pinned)
        self.policy.set_value("now" if view.now else "then")
        self._policies = {
            "then": f"Policy and V of update {count(episode.update)}, which drew it",
            "now": "Policy and V of now: the same steps, weighed again",
        }
        for which, words in self._policies.items():
            self.policy.set_option(which, tip=words)
        if view.newer is not None:
            self.latest.set_text(f"Update {count(view.newer)} ›")
            self.latest.setToolTip(f"Look at an episode of update {count(view.newer)}, the latest")
        for part in (self.title, self.pin, self.stepper):
            part.show()
        self._arrange()

    def _choose(self, number: float) -> None:
        self.command.emit("credit_episode", int(number) - 1)

    def _open_menu(self) -> None:
        """What has no button of its own now."""
        view = self._view
        assert view is not None
        self.menu.clear()
        for which, (text, tip) in PICKS.items():
            action = self._add(f"{text} episode", tip, "credit_episode", which)
            action.setEnabled(self.picks[which].isEnabled())
        others = [(self.new, NEW, "credit_new")]
        if view.has_stored:
            others.append((self.stored, STORED, "credit_stored"))
        if view.newer is not None:
            words = self.latest.text(), self.latest.toolTip()
            others.append((self.latest, words, "credit_latest"))
        for button, (text, tip), command in others:
            if button.isHidden():
                self._add(text, tip, command)
        if view.pinned and self.policy.isHidden():
            self.menu.addSeparator()
            for which, policy in self._policies.items():
                action = self._add(policy, policy, "credit_policy", which)
                action.setCheckable(True)
                action.setChecked(which == self.policy.value)
        self.menu.popup(self.more.mapToGlobal(QPoint(0, self.more.height() + 4)))

    def _add(self, text: str, tip: str, command: str, argument: str | None = None) -> QAction:
        action = self.menu.addAction(text)
        action.setToolTip(tip)
        action.triggered.connect(lambda: self.command.emit(command, argument))
        return action

    # --- places

    def sizeHint(self) -> QSize:
        px = appearance().px
        return QSize(px(420), self._first_row() + px(6) + px(28))

    def minimumSizeHint(self) -> QSize:
        return QSize(0, self.sizeHint().height())

    def _first_row(self) -> int:
        return appearance().px(40 if self._large else 36)

    def _restyle(self) -> None:
        self.updateGeometry()
        self._arrange()

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._arrange()

    def _arrange(self) -> None:
        if self._view is None:
            return
        height = self._first_row()
        new_fits = self._arrange_title(QRect(0, 0, self.width(), height))
        top = height + appearance().px(6)
        self._arrange_ways(QRect(0, top, self.width(), self.height() - top), new_fits)

    def _arrange_title(self, row: QRect) -> bool:
        """Title and return, pin and "New episode"; whether there was room for the last."""
        px = appearance().px
        metrics = QFontMetrics(appearance().font(13))
        self.title.setText(self._titles[0])
        wide = self.title.sizeHint().width()
        self.new.set_text(NEW[0] if self._roomy(row.width()) else "New")
        new = self.new.sizeHint().width()
        right = row.right() + 1
        fits = wide + px(GAP) + self.pin.sizeHint().width() + px(GAP) + new <= row.width()
        self.new.setVisible(fits)
        for button in (self.new, self.pin) if fits else (self.pin,):
            size = button.sizeHint()
            right -= size.width()
            button.setGeometry(right, row.center().y() - size.height() // 2 + 1, *size.toTuple())
            right -= px(GAP)
        if wide + px(10) + metrics.horizontalAdvance(self._subtitles[1]) > right:
            self.title.setText(self._titles[1])
            wide = self.title.sizeHint().width()
        wide = min(wide, right)
        self.title.setGeometry(0, row.y(), wide, row.height())
        left = wide + px(10)
        for text in self._subtitles:
            if metrics.horizontalAdvance(text) <= right - left:
                break
        self.subtitle.setText(text)
        self.subtitle.setVisible(right - left >= self.subtitle.minimumSizeHint().width())
        # On the title's baseline.
        down = round(_baseline(LARGE if self._large else TITLE) - _baseline(13))
        self.subtitle.setGeometry(left, row.y() + down, max(1, right - left), row.height())
        for label in (self.title, self.subtitle):
            label.set_tip(f"{self._titles[0]}, {self._subtitles[0]}")
        return fits

    def _roomy(self, width: int) -> bool:
        """Whether title, return and "New episode" find room whatever this world's episodes are."""
        assert self._view is not None
        look, size = appearance(), LARGE if self._large else TITLE
        most = counted(self._view.world.max_steps or 1, "step")
        title = QFontMetrics(look.font(size, SEMIBOLD)).horizontalAdvance(f"One episode, {most}")
        words = f"{_kind(self._view)} return −0.00"
        total = QFontMetrics(look.font(13)).horizontalAdvance(words)
        new = QFontMetrics(look.font(13, SEMIBOLD)).horizontalAdvance(NEW[0])
        px = look.px
        return title + total + new + px(10 + 2 * GAP + 24) + self.pin.sizeHint().width() <= width

    def _arrange_ways(self, row: QRect, new_fits: bool) -> None:
        """The second row; decided by what might stand on it, whatever stands there now."""
        px, view = appearance().px, self._view
        assert view is not None
        gap = px(6)
        step, of = self.stepper.sizeHint().width(), self.of.sizeHint().width()
        picks = [*self.picks.values(), *((self.stored,) if view.has_stored else ())]
        newest = max(view.newer or 0, view.episode.update, view.episode.seen_at, 9999)
        latest = self._width_of_latest(newest)
        policy, more = self.policy.sizeHint().width(), self.more.sizeHint().width()
        right_side = latest + gap + policy
        spelt = sum(button.sizeHint().width() + gap for button in picks)
        room = row.width() - (step + px(6) + of + px(GAP))
        open_ = new_fits and spelt + right_side <= room
        beside = open_ or more + gap + right_side <= room + of + px(6)
        shown_of = open_ or (more + gap + (right_side if beside else 0) <= room)
        x = self._put(self.stepper, 0, row, step) + px(6)
        self.of.setVisible(shown_of)
        if shown_of:
            x = self._put(self.of, x, row, of) + px(GAP)
        for button in (*self.picks.values(), self.stored):
            button.setVisible(open_ and button in picks)
            if open_ and button in picks:
                x = self._put(button, x, row, button.sizeHint().width()) + gap
        self.more.setVisible(not open_)
        if not open_:
            self._put(self.more, x, row, min(more, row.right() + 1 - x))
        right = row.right() + 1
        self.policy.setVisible(view.pinned and beside)
        self._put(self.policy, right - policy, row, policy)
        self.latest.setVisible(view.newer is not None and beside)
        self._put(self.latest, right - right_side, row, latest)

    def _width_of_latest(self, update: int) -> int:
        """Room for the button whatever it says now."""
        look = appearance()
        widest = f"Update {count(update)} ›".translate(_NINES)
        metrics = QFontMetrics(look.font(13, SEMIBOLD))
        return metrics.horizontalAdvance(widest) + 2 * look.px(8) + 2

    def _put(self, widget: QWidget, x: int, row: QRect, width: int) -> int:
        """Place ``widget`` in the middle of the row; gives where it ends."""
        height = min(widget.sizeHint().height(), row.height())
        widget.setGeometry(x, row.y() + (row.height() - height) // 2, width, height)
        return x + width


_NINES = str.maketrans("012345678", "999999999")


class Title(ElidedLabel):
    """A title in one of two sizes."""

    def __init__(self, text: str, parent: QWidget | None = None) -> None:
        super().__init__(text, TITLE, SEMIBOLD, "ink", parent=parent)
        self.setAlignment(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft)

    def set_size(self, size: float) -> None:
        self._size = size
        self._restyle()


def _baseline(size: float) -> float:
    """How far below the middle of its row text of this size stands."""
    metrics = QFontMetrics(appearance().font(size))
    return (metrics.ascent() - metrics.descent()) / 2


def _kind(view: CreditView) -> str:
    """Which return it is: G₀ is the plain sum of the rewards only without discounting."""
    return "total" if view.world.discount == 1 else "discounted"


def origin(episode: EpisodeCredit) -> str:
    """ "Episode 5 of the 16 of update 12"."""
    if episode.source == "stored":
        return "The stored episode"
    batch = len(episode.batch_returns)
    drawn = f"update {count(episode.update)}"
    of = f"of the {count(batch)} " if batch > 1 else ""
    kind = f"drawn anew after {drawn}" if episode.source == "new" else f"of {drawn}"
    return f"Episode {count(episode.index + 1)} {of}{kind}"
