"""A client of language servers: what an editor asks them, over standard input and output."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any, Self, cast

SERVERS = {
    "pyright": ["pyright-langserver", "--stdio"],
    "basedpyright": ["basedpyright-langserver", "--stdio"],
    "jedi": ["jedi-language-server"],
    "ty": ["ty", "server"],
    "pyrefly": ["pyrefly", "lsp"],
    "zuban": ["zuban", "server"],
}
"""Name -> the command that starts the server, as its package installs it beside python."""
PATIENCE = 300
"""Seconds that an answer may take: a bound on hanging, and no measure."""


class LanguageServer:
    """One server on one folder. The cursor is where the text of `ask` ends."""

    def __init__(self, name: str, folder: Path, environment: Path | None = None) -> None:
        """`environment` is the virtual environment that the user's program runs in; by default this one."""
        command, *options = SERVERS[name]
        beside = Path(sys.executable).parent
        self._environment = environment or beside.parent
        path = os.pathsep.join([str(self._environment / "bin"), str(beside), os.environ.get("PATH", "")])
        self._process = subprocess.Popen(
            [str(beside / command), *options],
            cwd=folder,
            env={**os.environ, "PATH": path, "VIRTUAL_ENV": str(self._environment)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        self._uri = (folder / "script.py").as_uri()
        self._number = 0
        self._version = 0
        self._answers: queue.Queue[dict[str, Any] | None] = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()
        self._start(folder)

    def _start(self, folder: Path) -> None:
        markup = {"contentFormat": ["markdown", "plaintext"]}
        documented = {"documentationFormat": ["markdown", "plaintext"]}
        text_document: dict[str, Any] = {
            "hover": markup,
            "completion": {"completionItem": {**documented, "resolveSupport": {"properties": ["documentation"]}}},
            "signatureHelp": {"signatureInformation": {**documented, "activeParameterSupport": True}},
        }
        uri = folder.as_uri()
        options: dict[str, Any] = {"processId": os.getpid(), "rootUri": uri, "initializationOptions": {}}
        options["workspaceFolders"] = [{"uri": uri, "name": "work"}]
        capabilities = {"textDocument": text_document, "workspace": {"configuration": True, "workspaceFolders": True}}
        self._request("initialize", {**options, "capabilities": capabilities})
        self._send({"method": "initialized", "params": {}})

    # --- what an editor asks --------------------------------------------------------------------------------------

    def hover(self, text: str) -> str:
        """What is shown of the name that `text` ends with."""
        found = self._at("textDocument/hover", text, back=1)
        contents: Any = found["contents"] if found else ""
        parts: list[Any] = contents if isinstance(contents, list) else [contents]
        return _plain("\n".join(part if isinstance(part, str) else str(part["value"]) for part in parts))

    def offered(self, text: str) -> list[str]:
        """The names that may stand next, in the order in which an editor shows them."""
        return [str(each["label"]) for each in self._offered(text)]

    def about_offered(self, text: str, name: str) -> str:
        """What is shown beside one of the names that may stand next."""
        item = next(each for each in self._offered(text) if each["label"] == name)
        found = item if item.get("documentation") else self._request("completionItem/resolve", item)
        said: Any = found.get("documentation", "")
        return _plain(said if isinstance(said, str) else str(said["value"]))

    def imports(self, text: str, name: str) -> list[str]:
        """The imports that an editor offers to add with a name of which `text` ends with the beginning."""
        found: list[str] = []
        for item in self._offered(text):
            if str(item["label"]).partition(" ")[0] != name:
                continue
            resolved = item if item.get("additionalTextEdits") else self._request("completionItem/resolve", item)
            found += [_plain(each["newText"]) for each in resolved.get("additionalTextEdits") or []]
        return found

    def signature(self, text: str) -> tuple[str, str]:
        """What is shown of the call that is being written: of the function, and of the argument at the cursor."""
        found = self._at("textDocument/signatureHelp", text)
        shown = found["signatures"][found.get("activeSignature") or 0]
        active = shown.get("activeParameter", found.get("activeParameter"))
        parameter: dict[str, Any] = shown["parameters"][active] if active is not None else {}
        texts = [each.get("documentation") or "" for each in (shown, parameter)]
        function, argument = (each if isinstance(each, str) else str(each["value"]) for each in texts)
        return _plain(function), _plain(argument)

    def _offered(self, text: str) -> list[dict[str, Any]]:
        found = self._at("textDocument/completion", text)
        items: list[dict[str, Any]] = found["items"] if isinstance(found, dict) else found or []
        return sorted(items, key=lambda each: str(each.get("sortText") or each["label"]))

    # --- the wire -------------------------------------------------------------------------------------------------

    def _at(self, method: str, text: str, back: int = 0) -> Any:
        self._version += 1
        document: dict[str, Any] = {"uri": self._uri, "version": self._version}
        if self._version == 1:
            opened = {**document, "languageId": "python", "text": text}
            self._send({"method": "textDocument/didOpen", "params": {"textDocument": opened}})
        else:
            changes = {"textDocument": document, "contentChanges": [{"text": text}]}
            self._send({"method": "textDocument/didChange", "params": changes})
        lines = text.split("\n")
        position = {"line": len(lines) - 1, "character": len(lines[-1]) - back}
        return self._request(method, {"textDocument": {"uri": self._uri}, "position": position})

    def _request(self, method: str, params: Any) -> Any:
        self._number += 1
        self._send({"id": self._number, "method": method, "params": params})
        while True:
            answer = self._answers.get(timeout=PATIENCE)
            if answer is None:
                raise EOFError(f"the language server ended during {method}")
            if "method" in answer:
                self._reply(answer)
            elif answer.get("id") == self._number:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']}")
                return answer["result"]

    def _reply(self, asked: dict[str, Any]) -> None:
        """Answer what the server asks: no settings, and yes to all else."""
        if "id" in asked:
            items = asked.get("params", {}).get("items", []) if asked["method"] == "workspace/configuration" else None
            python = {"pythonPath": str(self._environment / "bin" / "python")}
            settings = [python if each.get("section") == "python" else {} for each in items or ()]
            self._send({"id": asked["id"], "result": None if items is None else settings})

    def _send(self, message: dict[str, Any]) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        assert self._process.stdin is not None
        self._process.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        self._process.stdin.flush()

    def _read(self) -> None:
        stream = self._process.stdout
        assert stream is not None
        while True:
            length = 0
            while (line := stream.readline()).strip():
                name, _, value = line.partition(b":")
                length = int(value) if name.lower() == b"content-length" else length
            if not line:
                self._answers.put(None)
                return
            self._answers.put(cast("dict[str, Any]", json.loads(stream.read(length))))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *details: object) -> None:
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()


def _plain(text: str) -> str:
    """Without what Markdown escapes, in one line."""
    for mark in ("&nbsp;", "\\"):
        text = text.replace(mark, " " if mark == "&nbsp;" else "")
    return " ".join(text.split())
