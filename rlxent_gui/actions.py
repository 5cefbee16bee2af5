"""One table of every command: id, text, tip, keys, icon; and the QActions built from it.

Buttons, menus and the overlay of keys all read this table, so a key cannot be told in one place
and bound differently in another.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import NamedTuple

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QAction, QActionGroup, QKeySequence

Key = str | QKeySequence.StandardKey
Standard = QKeySequence.StandardKey
ARROW_KEYS: dict[Key, str] = {"Left": "←", "Right": "→", "Up": "↑", "Down": "↓"}

TOOLS = (
    "select", "wall", "start", "goal", "pit", "ice", "wind", "teleport", "reward", "erase", "fill",
    "rectangle",
)
OVERLAYS = ("policy", "value", "optimal", "visits")
SCENES = ("explore", "credit", "variance")


class Command(NamedTuple):
    """What the user can ask for.

    ``keys`` are portable texts ("Ctrl" is Cmd on a Mac) or Qt's standard keys of the platform; the
    first is the one that is shown.  ``repeats`` says that holding the key asks again and again.
    """

    id: str
    group: str
    text: str
    tip: str
    keys: tuple[Key, ...]
    icon: str = ""
    checkable: bool = False
    repeats: bool = False

    def shortcuts(self) -> list[QKeySequence]:
        """The key sequences on this platform, each once."""
        found: list[QKeySequence] = []
        for key in self.keys:
            bound = (
                QKeySequence.keyBindings(key) if isinstance(key, Standard) else [QKeySequence(key)]
            )
            found += [sequence for sequence in bound if sequence not in found]
        return found

    @property
    def key_text(self) -> str:
        """The key as this platform writes it, e.g. "Ctrl+Z" or "⌘Z"; bare arrow keys as arrows."""
        if self.keys[0] in ARROW_KEYS:
            return ARROW_KEYS[self.keys[0]]
        native = self.shortcuts()[0].toString(QKeySequence.SequenceFormat.NativeText)
        return native.replace("-", "−") if native.endswith("-") else native

    @property
    def tip_with_key(self) -> str:
        return f"{self.tip} ({self.key_text})"


RUN, TOOL, VIEW, EDIT, BOARD = "Run", "Tools", "View", "Edit", "Board"
PRESENT = "While presenting"
"""Keys that mean this while presenting, and perhaps something else at other times."""
CREDIT = "Credit"
ONLY_IN = {TOOL: "explore", BOARD: "explore", CREDIT: "credit"}
"""Groups whose commands act in one scene alone, see :meth:`Actions.set_scene`."""
ONLY_IN_EXPLORE = frozenset(
    {"step", "episode", "numbers", *(f"overlay_{name}" for name in OVERLAYS)}
)

TABLE: tuple[Command, ...] = (
    Command("play_pause", RUN, "Play or pause", "Run training, or pause it", ("Space",), "play"),
    Command("step", RUN, "Step", "One step of one episode", ("J",), "person-simple-walk",
            repeats=True),
    Command("episode", RUN, "Episode", "Run one episode to its end", ("K",), "path", repeats=True),
    Command("update", RUN, "Update", "One update of the policy", ("U",), "skip-forward",
            repeats=True),
    Command("previous", RUN, "Previous update", "Go back one update", ("Shift+U",), "rewind",
            repeats=True),
    Command("reset", RUN, "Reset", "Start again from the same seed", ("Home",), "skip-back"),
    Command("measure", RUN, "Measure variance", "Measure the gradient’s variance over 512 episodes",
            ("M",), "ruler"),
    Command("slower", RUN, "Slower", "Train slower", ("-",), "minus", repeats=True),
    Command("faster", RUN, "Faster", "Train faster", ("=",), "plus", repeats=True),

    Command("tool_select", TOOL, "Select", "Select a cell to look into it", ("V",), "cursor",
            checkable=True),
    Command("tool_wall", TOOL, "Wall", "Draw walls", ("W",), "wall", checkable=True),
    Command("tool_start", TOOL, "Start", "Move the start", ("S",), "map-pin", checkable=True),
    Command("tool_goal", TOOL, "Goal", "Place a goal: +1 and the end of the episode", ("G",),
            "goal", checkable=True),
    Command("tool_pit", TOOL, "Pit", "Place a pit: −1 and the end of the episode", ("P",),
            "pit", checkable=True),
    Command("tool_ice", TOOL, "Ice", "Paint ice: moves slip; the wheel sets how often", ("I",),
            "snowflake", checkable=True),
    Command("tool_wind", TOOL, "Wind", "Paint wind the way you drag; the wheel turns it", ("N",),
            "wind", checkable=True),
    Command("tool_teleport", TOOL, "Teleport", "Connect two cells: click one, then the other",
            ("T",), "swap", checkable=True),
    Command("tool_reward", TOOL, "Reward", "Set what a cell pays, by click or wheel", ("R",),
            "plus-minus", checkable=True),
    Command("tiles", TOOL, "More tiles", "All tiles, tiles of your own, and their properties",
            ("L",), "shapes", checkable=True),
    Command("tool_erase", TOOL, "Erase", "Erase to plain floor", ("E",), "eraser",
            checkable=True),
    Command("tool_fill", TOOL, "Fill", "Fill connected cells with the last tile", ("F",),
            "paint-bucket", checkable=True),
    Command("tool_rectangle", TOOL, "Rectangle", "Draw a rectangle of the last tile", ("B",),
            "rectangle", checkable=True),

    Command("overlay_policy", VIEW, "Policy", "Show what the policy would do in every cell",
            ("1",), checkable=True),
    Command("overlay_value", VIEW, "Value V(s)", "Show the value of the current policy", ("2",),
            checkable=True),
    Command("overlay_optimal", VIEW, "Optimal policy", "Show every optimal action in green",
            ("3",), checkable=True),
    Command("overlay_visits", VIEW, "Visits", "Show how often each cell was visited", ("4",),
            checkable=True),
    Command("numbers", VIEW, "Numbers in cells", "Write the next kind of numbers into the cells",
            ("5",), "hash"),
    Command("spotlight", VIEW, "Spotlight", "Show the next plot alone, or all again", ("Z",),
            "frame-corners"),
    Command("present", VIEW, "Present", "Present to a room, or end it", ("F5",),
            "presentation-chart"),
    Command("scene_explore", VIEW, "Explore", "Draw a world and watch the agent learn",
            ("Ctrl+1",), checkable=True),
    Command("scene_credit", VIEW, "Credit", "Look which step of an episode earned what",
            ("Ctrl+2",), checkable=True),
    Command("scene_variance", VIEW, "Variance",
            "Compare how noisy the gradient is, by estimator", ("Ctrl+3",), checkable=True),
    Command("theme", VIEW, "Light or dark", "Switch between light and dark", ("D",), "moon"),
    Command("text_larger", VIEW, "Larger text", "Make all text larger", ("Ctrl++", "Ctrl+="),
            "plus"),
    Command("text_smaller", VIEW, "Smaller text", "Make all text smaller", ("Ctrl+-",), "minus"),
    Command("text_reset", VIEW, "Usual text size", "Set text to its usual size", ("Ctrl+0",)),
    Command("full_screen", VIEW, "Full screen", "Fill the screen, or leave it",
            ("F11", Standard.FullScreen), "corners-out"),
    Command("keys", VIEW, "Keys", "Show all keys", ("?", "Shift+?"), "keyboard"),

    Command("next_panel", PRESENT, "Next panel", "Show the next panel", ("PgDown",),
            "caret-right"),
    Command("previous_panel", PRESENT, "Previous panel", "Show the panel before", ("PgUp",),
            "caret-left"),
    Command("blank", PRESENT, "Blank screen", "Blank the screen; any key shows it again",
            ("B", "."), "eye-slash"),
    Command("credit_previous", CREDIT, "Previous step", "Look at the step before", ("Left",),
            "caret-left", repeats=True),
    Command("credit_next", CREDIT, "Next step", "Look at the step after", ("Right",),
            "caret-right", repeats=True),
    Command("credit_weighting_previous", CREDIT, "Weighting above",
            "Weigh the same episode by the row above", ("Up",), "arrow-up", repeats=True),
    Command("credit_weighting_next", CREDIT, "Weighting below",
            "Weigh the same episode by the row below", ("Down",), "arrow-down", repeats=True),

    Command("undo", EDIT, "Undo", "Undo the last change of the world", ("Ctrl+Z", Standard.Undo),
            "arrow-counter-clockwise", repeats=True),
    Command("redo", EDIT, "Redo", "Redo what was undone", ("Ctrl+Shift+Z", Standard.Redo),
            "arrow-clockwise", repeats=True),
    Command("new", EDIT, "New world", "Start an empty world", ("Ctrl+N",), "file-plus"),
    Command("worlds", EDIT, "Worlds…", "Look through the worlds that come with rlxent",
            ("Ctrl+G",), "squares-four"),
    Command("check_book", EDIT, "Check against the book",
            "Lay the book’s figures beside the computed ones", ("Ctrl+B",), "book-open"),
    Command("open", EDIT, "Open…", "Open a world or a run from a file", ("Ctrl+O",),
            "folder-open"),
    Command("save", EDIT, "Save", "Save the world to its file", ("Ctrl+S",), "floppy-disk"),
    Command("save_as", EDIT, "Save as…", "Save the world to another file", ("Ctrl+Shift+S",)),
    Command("export", EDIT, "Export…",
            "Export the board, plots, curves, run, a script or an animation", ("Ctrl+E",),
            "export"),
    Command("save_run", EDIT, "Save run…",
            "Save world, settings, seed, curves and logits, to be replayed", ("Ctrl+R",)),
    Command("export_python", EDIT, "Export as Python…",
            "Write a short script that repeats the run with PyTorch alone", ("Ctrl+Shift+P",)),
    Command("copy_board", EDIT, "Copy the board",
            "Copy the board as a picture, or the selected cells as text", ("Ctrl+C",), "copy"),
    Command("copy_plots", EDIT, "Copy the plots", "Copy the plots as a picture",
            ("Ctrl+Shift+C",)),
    Command("quit", EDIT, "Quit", "Close rlxent", ("Ctrl+Q",)),

    Command("world_settings", BOARD, "World settings…", "Name, rewards, moves and size of the"
            " world", ("Ctrl+I",), "gear-six"),
    Command("resize", BOARD, "Resize…", "Give the board other rows and columns",
            ("Ctrl+Shift+R",), "resize"),
    Command("cut", BOARD, "Cut", "Cut the selected cells, as text", ("Ctrl+X",), "scissors"),
    Command("paste", BOARD, "Paste", "Paste a map from the clipboard", ("Ctrl+V",),
            "clipboard-text"),
    Command("select_all", BOARD, "Select all", "Select all cells", ("Ctrl+A",), "selection-all"),
    Command("crop", BOARD, "Crop to selection", "Cut off all but the selected cells",
            ("Ctrl+Shift+X",), "crop"),
    Command("rotate_left", BOARD, "Rotate left", "Turn the board to the left", ("Ctrl+[",),
            "arrow-counter-clockwise"),
    Command("rotate_right", BOARD, "Rotate right", "Turn the board to the right", ("Ctrl+]",),
            "arrow-clockwise"),
    Command("mirror_horizontally", BOARD, "Mirror left and right",
            "Exchange the left and the right of the board", ("Ctrl+Shift+H",), "flip-horizontal"),
    Command("mirror_vertically", BOARD, "Mirror top and bottom",
            "Exchange the top and the bottom of the board", ("Ctrl+Shift+V",), "flip-vertical"),
    Command("shift_up", BOARD, "Shift up", "Move every cell up, round the edge", ("Alt+Up",),
            "arrow-up", repeats=True),
    Command("shift_right", BOARD, "Shift right", "Move every cell to the right, round the edge",
            ("Alt+Right",), "arrow-right", repeats=True),
    Command("shift_down", BOARD, "Shift down", "Move every cell down, round the edge",
            ("Alt+Down",), "arrow-down", repeats=True),
    Command("shift_left", BOARD, "Shift left", "Move every cell to the left, round the edge",
            ("Alt+Left",), "arrow-left", repeats=True),
    Command("clear", BOARD, "Clear", "Make everything but the start floor", ("Ctrl+Del",),
            "broom"),
)
COMMANDS = {command.id: command for command in TABLE}


class Actions(QObject):
    """The QActions of :data:`TABLE` by id.

    ``asked(id, checked)`` is emitted when the user asks for one, by key, button or menu; tools and
    scenes are exclusive.  Letters and Space do not reach these actions while a text field has the
    focus: Qt's text fields claim them first.
    """

    asked = Signal(str, bool)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._actions = {command.id: self._make(command) for command in TABLE}
        self._groups = {name: QActionGroup(self) for name in ("tool", "scene", "other")}
        self._groups["other"].setExclusionPolicy(QActionGroup.ExclusionPolicy.None_)
        for id, action in self._actions.items():
            kind = id.split("_")[0]
            self._groups[kind if kind in self._groups else "other"].addAction(action)
        for group in self._groups.values():
            group.triggered.connect(self._ask)
        for id in ("tool_select", "overlay_policy", "scene_explore"):
            self[id].setChecked(True)
        self._can: dict[str, bool] = {}
        self.set_scene("explore")
        self.set_presenting(False)

    def __getitem__(self, id: str) -> QAction:
        return self._actions[id]

    def __iter__(self) -> Iterator[QAction]:
        return iter(self._actions.values())

    def mark_tool(self, name: str) -> None:
        """Show that the tool ``name`` is in hand."""
        for tool in TOOLS:
            self[f"tool_{tool}"].setChecked(tool == name)

    def set_presenting(self, on: bool, blocked: Collection[str] = ()) -> None:
        """Give the keys of clickers to what they do while presenting, or back to whose they are.

        Nobody is told of the commands that are ``blocked`` meanwhile.
        """
        self._blocked = frozenset(blocked) if on else frozenset()
        clicker = {
            key.toString() for command in TABLE if command.group == PRESENT
            for key in command.shortcuts()
        }
        for command in TABLE:
            keys = command.shortcuts()
            if command.group == PRESENT:
                self[command.id].setShortcuts(keys if on else [])
            elif not clicker.isdisjoint(key.toString() for key in keys):
                free = [key for key in keys if key.toString() not in clicker]
                self[command.id].setShortcuts(free if on else keys)
    def set_scene(self, scene: str) -> None:
        """Let only what acts in ``scene`` be asked for: its keys are free for others elsewhere."""
        self[f"scene_{scene}"].setChecked(True)
        for id, action in self._actions.items():
            only = "explore" if id in ONLY_IN_EXPLORE else ONLY_IN.get(COMMANDS[id].group)
            if only is None:
                continue
            if only == scene:
                action.setEnabled(self._can.pop(id, action.isEnabled()))
            elif id not in self._can:
                self._can[id] = action.isEnabled()
                action.setEnabled(False)

    def _make(self, command: Command) -> QAction:
        action = QAction(self)
        action.setText(command.text)  # given above, it would bring in all names of QIcon's themes
        action.setObjectName(command.id)
        action.setShortcuts(command.shortcuts())
        action.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
        action.setAutoRepeat(command.repeats)
        action.setToolTip(command.tip_with_key)
        action.setStatusTip(command.tip)
        action.setCheckable(command.checkable)
        action.setMenuRole(
            QAction.MenuRole.QuitRole if command.id == "quit" else QAction.MenuRole.NoRole
        )
        return action

    def _ask(self, action: QAction) -> None:
        if action.objectName() in self._blocked:
            action.setChecked(action.isCheckable() and not action.isChecked())
            return
        self.asked.emit(action.objectName(), action.isChecked())
