"""`make replay`: what `make update` would have proposed at past releases of botocore, beside what people decided.

Sentences for docstrings are drafts: how many people would have kept is not counted, but how many say word for word what stands
there today is told.

For each pair of releases in which SageMaker's model changed, the overlay is cut down to what the older model knows, the
newer one asks its questions, and each guess is compared with the decision that stands in the overlay today. A proposal
that a person would have kept is one that is equal. Models come from `.cache/models`, or by pip.
"""

from __future__ import annotations

import argparse
import copy
import importlib.util
import json
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from packaging.version import Version

from sagemaker_typed.codegen.build import build, places
from sagemaker_typed.codegen.drafting import drafts
from sagemaker_typed.codegen.guesses import Guess
from sagemaker_typed.codegen.homes import classes
from sagemaker_typed.codegen.identifying import always_there
from sagemaker_typed.codegen.names import Namer
from sagemaker_typed.codegen.overlay import Overlay, kinds
from sagemaker_typed.codegen.plan import OUTCOMES
from sagemaker_typed.codegen.problems import Problems, Question, Unsettled
from sagemaker_typed.codegen.proposals import answers, questions
from sagemaker_typed.codegen.read import BotocoreModel
from sagemaker_typed.codegen.waiters import RESERVED

ROOT = Path(__file__).parents[2]


def history() -> Any:
    """The script that fetches past models."""
    path = ROOT / "docs/_ext/collect_history.py"
    spec = importlib.util.spec_from_file_location("collect_history", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["collect_history"] = module
    spec.loader.exec_module(module)
    return module


def as_model(version: str, document: Mapping[str, Any]) -> BotocoreModel:
    """What the generator reads, of SageMaker's model alone."""
    return BotocoreModel(
        version=version,
        api_version="2017-07-24",
        shapes=dict(document["shapes"]),
        operations=dict(document["operations"]),
        paginators={},
        raw={"service-2": dict(document)},
        endpoints={"partitions": []},
    )


# --- the overlay as it would have been --------------------------------------------------------------------------------


def known_to(model: BotocoreModel, overlay: Overlay) -> Overlay:
    """The decisions that the model asks for, without those that only later models do."""
    cut = replace(overlay, **{kind: copy.deepcopy(getattr(overlay, kind)) for kind in kinds()})
    operations, shapes = model.operations, set(classes(model))
    members = {f"{shape}.{wire}" for shape in model.shapes for wire in model.members(shape)}
    members |= {each.partition(".")[2] for each in members}
    for table in ("operations", "identifiers"):
        _keep(cut.groups[table], operations)
    _keep(cut.paging["items"], operations)
    cut.paging["describes"]["operations"] = [
        each for each in cut.paging["describes"]["operations"] if each in operations
    ]
    for table in ("secret", "plain"):
        _keep(cut.secrets[table], members)
    cut = replace(cut, homes={name: home for name, home in overlay.homes.items() if name in shapes})
    _cut_words(cut, model)
    _cut_waits(cut, model)
    return cut


def _keep(table: dict[str, Any], known: Any) -> None:
    for key in [key for key in table if key not in known]:
        del table[key]


def _cut_words(cut: Overlay, model: BotocoreModel) -> None:
    wires = {name for shape in model.shapes for name in (shape, *model.members(shape))}
    fix = cut.names["fix"]
    _keep(fix, {word for word in fix if any(word in wire for wire in wires)})
    namer = Namer({**cut.names, "fields": {}}, Problems())
    said = {word for shape in model.shapes for wire in model.members(shape) for word in namer.snake(wire).split("_")}
    cut.names["words"]["known"] = [word for word in cut.names["words"]["known"] if word in said]


def _cut_waits(cut: Overlay, model: BotocoreModel) -> None:
    groups = {group for group, _ in places(model, cut).values()}
    _keep(cut.waiters, {*RESERVED, *groups})
    texts = {text for body in model.shapes.values() for text in body.get("enum", ())}
    for group, entry in cut.waiters.items():
        states = (each for each in entry.values() if isinstance(each, dict)) if group not in RESERVED else ()
        for state in states:
            for outcome in OUTCOMES:
                if outcome in state:
                    state[outcome] = [text for text in state[outcome] if text in texts]
    runs = cut.waiters.get("runs", {})
    _keep(runs, {"without", *model.operations})
    _keep(runs.get("without", {}), model.operations)


# --- the comparison ---------------------------------------------------------------------------------------------------


@dataclass
class Tally:
    """What became of the questions."""

    kept: int = 0
    changed: list[str] = field(default_factory=list[str])
    stopped: list[str] = field(default_factory=list[str])
    kinds: Counter[str] = field(default_factory=Counter[str])
    """The kinds of the proposals that were kept."""
    sentences: int = 0
    same: int = 0
    """Drafts of sentences, and those that stand word for word in the overlay."""

    @property
    def share(self) -> float:
        """From 0 to 1, of what was proposed."""
        proposed = self.kept + len(self.changed)
        return self.kept / proposed if proposed else 1.0


def judge(pair: str, kind: str, subject: str, found: Guess, decided: Overlay, tally: Tally) -> None:
    """Whether the decision that people made is the same."""
    differences = [difference for part in found.parts() for difference in _differences(part, decided)]
    if differences:
        tally.changed.append(f"{pair} {kind} {subject}: {'; '.join(differences)}")
    else:
        tally.kept += 1
        tally.kinds[kind] += 1


def _differences(part: Guess, decided: Overlay) -> Iterator[str]:
    """Where people decided otherwise. What they say besides, such as a timeout, counts where it was guessed too."""
    table: Any = getattr(decided, part.file)
    for name in part.table:
        if name not in table:
            yield f"there is no [{'.'.join(part.table)}]"
            return
        table = table[name]
    for key, value in part.lines.items():
        if part.file == "secrets":
            name = key.rpartition(".")[2]
            if key not in table and name not in table:
                yield f"{key} does not stand under {part.table[0]}"
        elif isinstance(value, list):
            if key not in table or not set(value) <= set(table[key]):
                yield f"{key} is not {json.dumps(value)}"
        elif table.get(key) != (list(value) if isinstance(value, tuple) else value):
            yield f"{key} is {json.dumps(table.get(key))}, proposed was {json.dumps(value)}"


def replay(pair: str, old: BotocoreModel, new: BotocoreModel, decided: Overlay, tally: Tally) -> int:
    """One pair of releases; how many questions it asks."""
    overlay = known_to(old, decided)
    # What is asked of the older model already has nothing to do with the release.
    before = set(questions(old, overlay))
    asked = 0
    answered: set[Question] = set()
    for question, found in answers(new, overlay):
        answered.add(question)
        if question not in before:
            asked += 1
            judge(pair, question.kind, question.subject, found, decided, tally)
    asked += _judge_members(pair, old, new, decided, tally)
    _count_sentences(old, new, decided, tally)
    for question in questions(new, overlay):
        if question not in before | answered and question.kind != "word":
            asked += 1
            tally.stopped.append(f"{pair} {question.kind} {question.subject} {' '.join(question.detail)}".strip())
    return asked


def _judge_members(pair: str, old: BotocoreModel, new: BotocoreModel, decided: Overlay, tally: Tally) -> int:
    """The members that every answer has: how many shapes have new ones."""
    cut = replace(decided, optional={**decided.optional, "always": {}})
    found = list(always_there(new, {"shapes": old.shapes}, cut))
    for each in found:
        (shape,) = each.lines
        judge(pair, "always", shape, each, decided, tally)
    return len(found)


def _count_sentences(old: BotocoreModel, new: BotocoreModel, decided: Overlay, tally: Tally) -> None:
    """Draft sentences on what is new, with today's decisions on all else."""
    overlay = known_to(new, decided)
    said = {
        table: {key: text for key, text in lines.items() if not is_new(table, key, old)}
        for table, lines in decided.words.items()
    }
    try:
        plan = build(new, replace(overlay, words=said))
    except Unsettled:
        return  # today's decisions are about today's model
    for each in drafts(plan, new, replace(overlay, words=said), {"shapes": old.shapes, "operations": old.operations}):
        ((key, sentence),) = each.lines.items()
        words = decided.words[each.table[0]]
        tally.sentences += 1
        tally.same += sentence in (words.get(key), words.get(key.partition(".")[2]))


def is_new(table: str, key: str, old: BotocoreModel) -> bool:
    """Whether a sentence is about what an older model lacks."""
    owner, dot, wire = key.partition(".")
    match table:
        case "operations":
            return key not in old.operations
        case "shapes" | "values":
            return owner not in old.shapes
        case "members":
            return bool(dot) and (owner not in old.shapes or wire not in old.members(owner))
        case _:
            return False


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.replay", description=__doc__)
    parser.add_argument("--since", default="1.40.0", help="the oldest release")
    parser.add_argument("--least", type=float, default=0.9, help="fail under this share of proposals that are kept")
    parser.add_argument("--pairs", nargs="*", metavar="OLD:NEW", help="these pairs instead")
    args = parser.parse_args()
    script, decided, tally = history(), Overlay.load(), Tally()
    named = [(old, new) for old, _, new in (each.partition(":") for each in args.pairs or ())]
    newest_first = [each for each in script.versions() if Version(each) >= Version(args.since)]
    chosen = named or list(script.pairs(newest_first))
    asking = 0
    for old, new in chosen:
        models = [as_model(version, script.fetch(version).model) for version in (old, new)]
        asked = replay(f"{old} -> {new}", models[0], models[1], decided, tally)
        asking += bool(asked)
        if asked:
            print(f"{old} -> {new}: {asked} questions", flush=True)
    print(f"\n{len(chosen)} pairs in which the model changed, {asking} with something to decide")
    print(f"{tally.kept} proposals that a person would have kept: {dict(tally.kinds)}")
    print("\n".join([f"{len(tally.changed)} that a person decided otherwise:", *tally.changed]))
    print("\n".join([f"{len(tally.stopped)} for which nothing was proposed:", *tally.stopped]))
    print(f"{tally.sentences} sentences drafted, of which {tally.same} stand word for word in the overlay")
    print(f"kept as they are: {tally.share:.1%}")
    return 0 if tally.share >= args.least else 1


if __name__ == "__main__":
    sys.exit(main())
