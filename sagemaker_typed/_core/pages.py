"""Pages of list operations. Each page is fetched when its first item is needed."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Generator, Iterable, Iterator
from contextlib import aclosing
from types import GenericAlias
from typing import TYPE_CHECKING, Any, Generic, Protocol

import attrs

from sagemaker_typed.errors import PaginationError
from sagemaker_typed.structure import Request, operation_of, service_of

if TYPE_CHECKING:
    from typing_extensions import TypeVar

    Item = TypeVar("Item")
    Page = TypeVar("Page", default=Any)
else:
    from typing import TypeVar

    Item = TypeVar("Item")
    Page = TypeVar("Page")

__all__ = ["AsyncPages", "Pages", "page_requests"]


class _Sends(Protocol):
    """The part of a synchronous client that pages use."""

    def send(self, request: Request[Any], /) -> Any: ...


class _SendsAsync(Protocol):
    """The part of an asynchronous client that pages use."""

    async def send(self, request: Request[Any], /) -> Any: ...


class _Paged(Generic[Item, Page]):
    """The common base of synchronous and asynchronous pages."""

    if not TYPE_CHECKING:
        # Allows `Pages[Item]` as well as `Pages[Item, Page]`: before Python 3.13, type parameters have no defaults.
        __class_getitem__ = classmethod(GenericAlias)

    def __init__(self, sender: Any, request: Request[Page], pick: str | None = None) -> None:
        """Make the pages of a request. `pick` is the field of an entry with the item, unless the entry is the item itself."""
        self._sender: Any = sender
        self._request = request
        self._pick = pick
        self._operation = operation_of(type(request))
        self._next_token: str | None = getattr(request, "next_token", None)

    @property
    def next_token(self) -> str | None:
        """Token of the page after the last one fetched; None if there is no such page.

        Pass it as `next_token=` to resume there. Resuming skips the rest of the last page: items of it that were not iterated
        are not returned again.
        """
        return self._next_token

    @property
    def item_fields(self) -> tuple[str, ...]:
        """The fields of a page with its items."""
        return self._operation.items

    def _frame(self, items: Iterable[Any]) -> Any:
        from sagemaker_typed._core.convert.members import member_types
        from sagemaker_typed._core.frames import frame, item_classes

        types = service_of(type(self._request)).types
        output = self._operation.output
        classes: list[Any] = [*item_classes(types.find(output), self._operation.items)] if output else []
        if self._pick is not None:
            classes = [type_ for cls in classes for member, type_ in member_types(cls) if member.field == self._pick]
            items = (item for item in items if item is not None)
        return frame(items, classes)

    def _items(self, page: Page) -> Iterator[Item]:
        for field in self._operation.items:
            entries = getattr(page, field) or ()
            yield from entries if self._pick is None else map(self._picked, entries)

    def _picked(self, entry: Any) -> Any:
        """Return the item of an entry."""
        return getattr(entry, self._pick or "", None)

    if not TYPE_CHECKING:  # a checker reports it

        def __getitem__(self, key: object) -> object:
            from sagemaker_typed._core.hints import about_page_item

            raise about_page_item(key, self._operation.items, type(self).__name__)

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self._sender, self._request, self._pick), {"_next_token": self._next_token}

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self._operation.name}>"

    def _repr_html_(self) -> str:
        """Return the request and the ways to its items for notebooks. Sends nothing."""
        from sagemaker_typed._core.notebook import html_of_pages

        service = service_of(type(self._request)).name
        return html_of_pages(self._request, self._operation.name, service, asynchronous=isinstance(self, AsyncPages))


class Pages(_Paged[Item, Page]):
    """The items of a paged operation: iterate to get items, or call `by_page()` to get typed pages.

    Each iteration starts again at the first page of the request. An empty page with a token is not the end; a repeated token
    raises `PaginationError` instead of looping endlessly.
    """

    if TYPE_CHECKING:

        def __init__(self, sender: _Sends, request: Request[Page], pick: str | None = None) -> None: ...

    def __iter__(self) -> Iterator[Item]:
        for page in self.by_page():
            yield from self._items(page)

    def by_page(self) -> Iterator[Page]:
        """The typed pages, one request each."""
        requests = page_requests(self._request)
        request = next(requests)
        while request is not None:
            page: Any = self._sender.send(request)
            self._next_token = page.next_token or None
            yield page
            request = requests.send(page)

    def first(self) -> Item | None:
        """The first item, or None; asks for no more pages than it takes to find one."""
        return next(iter(self), None)

    def to_pandas(self) -> Any:
        """Return all items as a `pandas.DataFrame`, with a row for each; asks for all pages.

        Members of structures stand under dotted names. Raises `ModuleNotFoundError` where there is no pandas.
        """
        return self._frame(self)


class AsyncPages(_Paged[Item, Page]):
    """The items of a paged operation of an asynchronous client: `async for` yields items, `by_page()` yields typed pages.

    Otherwise the same as `Pages`.
    """

    if TYPE_CHECKING:

        def __init__(self, sender: _SendsAsync, request: Request[Page], pick: str | None = None) -> None: ...

    # Plain functions: editors infer the type of an async generator from what it yields and ignore its annotation.

    def __aiter__(self) -> AsyncIterator[Item]:
        return self._iterate()

    def by_page(self) -> AsyncIterator[Page]:
        """The typed pages, one request each."""
        return self._fetch()

    async def _iterate(self) -> AsyncIterator[Item]:
        async for page in self._fetch():
            for item in self._items(page):
                yield item

    async def _fetch(self) -> AsyncGenerator[Page, None]:
        requests = page_requests(self._request)
        request = next(requests)
        while request is not None:
            page: Any = await self._sender.send(request)
            self._next_token = page.next_token or None
            yield page
            request = requests.send(page)

    async def first(self) -> Item | None:
        """The first item, or None; asks for no more pages than it takes to find one."""
        # Closed explicitly: otherwise the generator would stay open until it is garbage-collected.
        async with aclosing(self._fetch()) as pages:
            async for page in pages:
                for item in self._items(page):
                    return item
        return None

    async def to_pandas(self) -> Any:
        """Return all items as a `pandas.DataFrame`, with a row for each; asks for all pages.

        Members of structures stand under dotted names. Raises `ModuleNotFoundError` where there is no pandas.
        """
        return self._frame([item async for item in self])

    if not TYPE_CHECKING:  # a checker reports it

        def __iter__(self) -> object:
            raise TypeError(
                "iterate over an 'AsyncPages' object with `async for`; `await pages.first()` returns the first item"
            )


def page_requests(first: Request[Any]) -> Generator[Any, Any, None]:
    """Yield the request for each page in turn, then None; receive each page by `send`. Does no I/O.

    Requests the largest page that the model allows, unless the request has a page size.
    """
    operation = operation_of(type(first))
    request: Any = first
    if operation.page_size is not None and request.max_results is None:
        request = attrs.evolve(request, max_results=operation.page_size)
    seen: set[str] = {request.next_token} if request.next_token else set()
    while True:
        page = yield request
        token: str | None = page.next_token or None
        if token is None:
            yield None
            return
        if token in seen:
            raise PaginationError(f"{operation.name} gave the token {token!r} twice")
        seen.add(token)
        request = attrs.evolve(request, next_token=token)
