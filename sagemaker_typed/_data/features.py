"""`sm.feature_groups.put_record` and the other methods for records of feature groups, with plain Python values."""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import aclosing, closing
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, cast

from sagemaker_typed._core.quoting import quoted
from sagemaker_typed._waiting.mapping import MapReport
from sagemaker_typed._waiting.pacing import backoff
from sagemaker_typed._waiting.steps import Sleep
from sagemaker_typed.errors import ApiError, InvalidRequestError, Problem, SageMakerError, ServiceError

if TYPE_CHECKING:
    from sagemaker_typed._core.group import Task
    from sagemaker_typed._data.ordered import Outcome
    from sagemaker_typed._data.records import FailedRow, FeatureRecord, FeatureSchema, IngestReport
    from sagemaker_typed._waiting.pacing import Timed
    from sagemaker_typed.services.featurestore import (
        BatchGetRecordResponse,
        DeletionMode,
        DeletionModeValue,
        GetRecordResponse,
        PutRecordRequest,
        TargetStore,
        TargetStoreValue,
        TtlDuration,
    )
    from sagemaker_typed.structure import Request
    from sagemaker_typed.types import DescribeFeatureGroupResponse, FeatureDefinition

    _Stores = Sequence[TargetStore | TargetStoreValue] | None
    _Moment = datetime | float | str

__all__ = ["AsyncFeatures", "Features"]

_ROUNDS = 5
"""How often to ask again for records that an answer leaves out."""
_PAUSES = (0.5, 8.0)
_AT_ONCE = 100
"""Records per BatchGetRecord call, all of one group."""


# --- single records ---------------------------------------------------------------------------------------------------


def _put(
    group: str,
    record: Mapping[str, Any],
    schema: FeatureSchema | None,
    stores: _Stores,
    ttl: timedelta | TtlDuration | None,
) -> PutRecordRequest:
    from sagemaker_typed._data.records import record_of, ttl_of
    from sagemaker_typed.services.featurestore import PutRecordRequest

    return PutRecordRequest(
        feature_group_name=group, record=record_of(record, schema), target_stores=stores, ttl_duration=ttl_of(ttl)
    )


def _update(
    group: str,
    record_id: object,
    features: Mapping[str, Any],
    stores: _Stores,
    ttl: timedelta | TtlDuration | None,
) -> Request[None]:
    from sagemaker_typed._data.records import identifier_of, record_of, ttl_of
    from sagemaker_typed.services.featurestore import UpdateRecordRequest

    return UpdateRecordRequest(
        feature_group_name=group,
        record_identifier_value_as_string=identifier_of(record_id),
        features=record_of(features),
        target_stores=stores,
        ttl_duration=ttl_of(ttl),
    )


def _get(group: str, record_id: object, names: Sequence[str] | None, expiration: bool) -> Request[GetRecordResponse]:
    from sagemaker_typed._data.records import identifier_of
    from sagemaker_typed.services.featurestore import GetRecordRequest

    return GetRecordRequest(
        feature_group_name=group,
        record_identifier_value_as_string=identifier_of(record_id),
        feature_names=None if names is None else list(names),
        expiration_time_response="Enabled" if expiration else None,
    )


def _found(response: GetRecordResponse) -> FeatureRecord | None:
    from sagemaker_typed._data.records import FeatureRecord

    return FeatureRecord(response.record, response.expires_at) if response.record else None


def _delete(
    group: str,
    record_id: object,
    event_time: _Moment,
    schema: FeatureSchema | None,
    stores: _Stores,
    mode: DeletionMode | DeletionModeValue | None,
) -> Request[None]:
    from sagemaker_typed._data.records import identifier_of, moment_of
    from sagemaker_typed.services.featurestore import DeleteRecordRequest

    return DeleteRecordRequest(
        feature_group_name=group,
        record_identifier_value_as_string=identifier_of(record_id),
        event_time=moment_of(event_time, schema),
        target_stores=stores,
        deletion_mode=mode,
    )


def _schema(group: str) -> Task[FeatureSchema]:
    def steps(client: Timed) -> Generator[Any, Any, FeatureSchema]:
        del client
        from sagemaker_typed._data.records import FeatureSchema
        from sagemaker_typed.types import DescribeFeatureGroupRequest

        definitions: list[FeatureDefinition] = []
        token: str | None = None
        while True:
            page: DescribeFeatureGroupResponse = yield DescribeFeatureGroupRequest(
                feature_group_name=group, next_token=token
            )
            definitions += page.feature_definitions or ()
            if not page.next_token or page.next_token == token:
                break
            token = page.next_token
        return FeatureSchema.of(page.record_identifier_feature_name, page.event_time_feature_name, definitions)

    return steps


# --- many records -----------------------------------------------------------------------------------------------------


class _ManyRecords:
    """Records read a hundred at a time."""

    def __init__(self, group: str, record_ids: Iterable[Any], names: Sequence[str] | None, expiration: bool) -> None:
        from sagemaker_typed._data.records import identifier_of

        if isinstance(record_ids, (str, bytes)):
            told = f"several identifiers, not one text: [{quoted(record_ids)}]"
            raise InvalidRequestError([Problem("record_ids", "type", told)])
        self._group = group
        self._ids = {identifier_of(each): each for each in record_ids}
        self._names = None if names is None else list(names)
        self._expiration = expiration
        self._found: dict[str, FeatureRecord | None] = {}
        self._failed: dict[str, Exception] = {}

    def steps(self, client: Timed) -> Generator[Any, Any, MapReport[Any, FeatureRecord | None]]:
        started = client.clock.now()
        left = list(self._ids)
        for begin in range(0, len(left), _AT_ONCE):
            yield from self._batch(left[begin : begin + _AT_ONCE])
        return MapReport(
            succeeded={given: self._found[text] for text, given in self._ids.items() if text in self._found},
            failed={given: self._failed[text] for text, given in self._ids.items() if text in self._failed},
            elapsed=client.clock.now() - started,
        )

    def _batch(self, texts: list[str]) -> Generator[Any, Any, None]:
        from sagemaker_typed._waiting.many import meets_every_call
        from sagemaker_typed.services.featurestore import BatchGetRecordIdentifier, BatchGetRecordRequest

        for attempt in range(1, _ROUNDS + 1):
            wanted = BatchGetRecordIdentifier(
                feature_group_name=self._group, record_identifiers_value_as_string=texts, feature_names=self._names
            )
            try:
                answer: BatchGetRecordResponse = yield BatchGetRecordRequest(
                    identifiers=[wanted], expiration_time_response="Enabled" if self._expiration else None
                )
            except SageMakerError as error:
                if meets_every_call(error):
                    raise
                self._failed.update(dict.fromkeys(texts, error))
                return
            texts = self._sorted(texts, answer)
            if not texts:
                return
            if attempt < _ROUNDS:
                yield Sleep(backoff(*_PAUSES, attempt))
        told = {"Code": "UnprocessedIdentifiers", "Message": f"the record was left out of {_ROUNDS} answers"}
        self._failed.update({text: ServiceError({"Error": told}, "BatchGetRecord") for text in texts})

    def _sorted(self, texts: list[str], answer: BatchGetRecordResponse) -> list[str]:
        """Take an answer. Returns the identifiers that the answer leaves out."""
        from sagemaker_typed._core.codes import BY_CODE
        from sagemaker_typed._data.records import FeatureRecord

        left = {
            text for each in answer.unprocessed_identifiers or () for text in each.record_identifiers_value_as_string
        }
        for each in answer.errors or []:
            response = {"Error": {"Code": each.error_code, "Message": each.error_message}}
            cls = BY_CODE.get(each.error_code, ApiError)
            self._failed[each.record_identifier_value_as_string] = cls(response, "BatchGetRecord")
        for found in answer.records or []:
            record = FeatureRecord(found.record, found.expires_at)
            self._found[found.record_identifier_value_as_string] = record
        self._note_absent(set(texts) - left)
        return [text for text in texts if text in left]

    def _note_absent(self, answered: set[str]) -> None:
        for text in answered - self._failed.keys():
            self._found.setdefault(text, None)


class _SkippedError(Exception):
    """A row that was not sent because another one failed."""


class _Ingesting:
    """Rows being written, and their outcomes so far. A row is taken from its source only when it is its turn."""

    def __init__(
        self,
        group: str,
        rows: Any,
        *,
        max_concurrency: int,
        event_time: _Moment | None,
        stores: _Stores,
        ttl: timedelta | TtlDuration | None,
        fail_fast: bool,
        on_error: Callable[[FailedRow], object] | None,
    ) -> None:
        from sagemaker_typed._data.ordered import checked_concurrency
        from sagemaker_typed._data.records import IngestReport, rows_of, ttl_of

        self.most = checked_concurrency(max_concurrency)
        self._rows = rows_of(rows)
        self._group = group
        self._event_time = event_time
        self._stores = stores
        self._ttl = ttl_of(ttl)
        self._fail_fast = fail_fast
        self._on_error = on_error
        self._over: Exception | None = None
        self._ended = False
        self._number = -1
        self.report: IngestReport = IngestReport()

    def taken(self) -> Iterator[Any]:
        rows = iter(self._rows)
        while not self._ended:  # checked first, so that every row taken is reported
            try:
                row = next(rows)
            except StopIteration:
                return
            yield row

    async def ataken(self) -> AsyncIterator[Any]:
        rows = aiter(self._rows)
        while not self._ended:
            try:
                row = await anext(rows)
            except StopAsyncIteration:
                return
            yield row

    @property
    def is_async(self) -> bool:
        return isinstance(self._rows, AsyncIterable)

    def request(self, row: Any, schema: FeatureSchema) -> PutRecordRequest:
        """Return the request for a row. Raises `InvalidRequestError` for an invalid row, `_SkippedError` for a skipped one."""
        from sagemaker_typed._data.records import record_of
        from sagemaker_typed.services.featurestore import PutRecordRequest

        if self._ended:
            raise _SkippedError
        return PutRecordRequest(
            feature_group_name=self._group,
            record=record_of(row, schema, event_time=self._event_time),
            target_stores=self._stores,
            ttl_duration=self._ttl,
        )

    def failing(self, error: SageMakerError) -> None:
        """Begin no more calls if the error demands it. Called where the error was raised, so that no other call slips in."""
        from sagemaker_typed._waiting.many import meets_every_call

        if self._fail_fast or meets_every_call(error):
            self._ended = True

    def take(self, outcome: Outcome[Any, None]) -> None:
        """Record the outcome of the next row."""
        from sagemaker_typed._data.records import FailedRow
        from sagemaker_typed._waiting.many import meets_every_call

        self._number += 1
        error = outcome.error
        if error is None:
            self.report.written += 1
        elif isinstance(error, _SkippedError):
            self.report.skipped += 1
        elif isinstance(error, SageMakerError):
            if meets_every_call(error):
                self._over = self._over or error
            self.report.note(FailedRow(self._number, outcome.item, error), self._on_error)
        else:
            raise error

    def result(self, clock: Any, started: float) -> IngestReport:
        self.report.elapsed = clock.now() - started
        if self._over is not None:
            raise self._over
        return self.report


def _carried(error: BaseException, ingesting: _Ingesting, clock: Any, started: float) -> None:
    """Attach the report so far to an error that ends the ingestion."""
    from sagemaker_typed._waiting.many import carry

    ingesting.report.elapsed = clock.now() - started
    carry(error, cast("Any", ingesting.report))


# --- the methods ------------------------------------------------------------------------------------------------------


class Features:
    """The methods of `sm.feature_groups` besides its operations: the records of the groups."""

    __slots__ = ()

    if TYPE_CHECKING:
        _sender: Any

    def schema(self, feature_group_name: str) -> FeatureSchema:
        """Return the features that a group defines, with one or more DescribeFeatureGroup calls.

        The other methods take the result as `schema=`. They then check values before sending them, and write times as the
        group's event time feature requires.

        Raises `ResourceNotFoundError` for an unknown group, and any error that every call may raise.
        """
        found: FeatureSchema = self._sender._run(_schema(feature_group_name))
        return found

    def put_record(
        self,
        feature_group_name: str,
        record: Mapping[str, Any],
        *,
        schema: FeatureSchema | None = None,
        target_stores: Sequence[TargetStore | TargetStoreValue] | None = None,
        ttl: timedelta | TtlDuration | None = None,
    ) -> None:
        """Write a record of plain Python values. It replaces the record with the same identifier.

        Texts and numbers are written unchanged, True as 1 and False as 0, aware datetimes as ISO 8601 in UTC with
        milliseconds, lists as collections. None, NaN, NaT and pandas' NA are left out. If the group's event time is a
        Fractional feature, give epoch seconds, or pass a `schema`, which converts datetimes.

        Args:
            record: Feature -> value, including the identifier and the event time.
            schema: Result of `schema()`. The record is then checked before it is sent.
            target_stores: Stores to write to; by default all that the group has.
            ttl: How long the record lives after its event time: a `timedelta` of whole seconds, or a `TtlDuration`.

        Raises `InvalidRequestError` for a value that cannot be written as text, such as a naive datetime; `ValidationError`
        for values that the group rejects; and any error that every call may raise.

        https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_feature_store_PutRecord.html
        """
        self._sender.send(_put(feature_group_name, record, schema, target_stores, ttl))

    def update_record(
        self,
        feature_group_name: str,
        record_id: str | int,
        features: Mapping[str, Any],
        *,
        target_stores: Sequence[TargetStore | TargetStoreValue] | None = None,
        ttl: timedelta | TtlDuration | None = None,
    ) -> None:
        """Write some features of an existing record and keep the others. Takes values as `put_record` does.

        Raises `ResourceNotFoundError` for an unknown record or group, `ConflictError` for an event time older than the
        record's, and any error of `put_record`.

        https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_feature_store_UpdateRecord.html
        """
        self._sender.send(_update(feature_group_name, record_id, features, target_stores, ttl))

    def get_record(
        self,
        feature_group_name: str,
        record_id: str | int,
        *,
        feature_names: Sequence[str] | None = None,
        expiration: bool = False,
    ) -> FeatureRecord | None:
        """Return a record as a mapping of feature to text; None if there is no such record.

        `record.typed(schema)` converts the texts to ints and floats.

        Args:
            record_id: Value of the record identifier feature.
            feature_names: Features to return; all by default.
            expiration: Whether to ask when the record is removed: `record.expires_at`.

        Raises `ResourceNotFoundError` for an unknown group, and any error that every call may raise.

        https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_feature_store_GetRecord.html
        """
        return _found(self._sender.send(_get(feature_group_name, record_id, feature_names, expiration)))

    def batch_get(
        self,
        feature_group_name: str,
        record_ids: Iterable[str | int],
        *,
        feature_names: Sequence[str] | None = None,
        expiration: bool = False,
    ) -> MapReport[str | int, FeatureRecord | None]:
        """Return any number of records, read a hundred at a time. A missing record is None in `succeeded`.

        Records that an answer leaves out are requested again. Records that cannot be read are in `failed` with their errors;
        `raise_for_failures()` raises the first. The other arguments are those of `get_record`.

        Raises `InvalidRequestError` for invalid identifiers, and errors that every call would meet, such as
        `ExpiredCredentialsError`.

        https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_feature_store_BatchGetRecord.html
        """
        many = _ManyRecords(feature_group_name, record_ids, feature_names, expiration)
        found: MapReport[str | int, FeatureRecord | None] = self._sender._run(many.steps)
        return found

    def delete_record(
        self,
        feature_group_name: str,
        record_id: str | int,
        *,
        event_time: datetime | float | str,
        schema: FeatureSchema | None = None,
        target_stores: Sequence[TargetStore | TargetStoreValue] | None = None,
        deletion_mode: DeletionMode | DeletionModeValue | None = None,
    ) -> None:
        """Delete a record. A soft deletion, the default, keeps its identifier and event time; a hard deletion keeps nothing.

        Args:
            record_id: Value of the record identifier feature.
            event_time: When the record was deleted: an aware datetime, or epoch seconds if the group's event time is a
                Fractional feature. A time older than the record's deletes nothing.
            schema: Result of `schema()`. Datetimes are then converted for the event time feature.
            deletion_mode: "SoftDelete" or "HardDelete".

        Raises `InvalidRequestError` for a naive datetime, and any error that every call may raise.

        https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_feature_store_DeleteRecord.html
        """
        self._sender.send(_delete(feature_group_name, record_id, event_time, schema, target_stores, deletion_mode))

    def ingest(
        self,
        feature_group_name: str,
        rows: Any,
        *,
        schema: FeatureSchema | None = None,
        event_time: datetime | float | str | None = None,
        max_concurrency: int = 8,
        target_stores: Sequence[TargetStore | TargetStoreValue] | None = None,
        ttl: timedelta | TtlDuration | None = None,
        fail_fast: bool = False,
        on_error: Callable[[FailedRow], object] | None = None,
    ) -> IngestReport:
        """Write many records, several at a time, and report on all of them.

        Each row is checked against the group's definitions before it is sent. A row that fails is in the report with its
        error, and the other rows are still written. A generator of rows is read only as fast as they can be sent.

        Args:
            rows: Mappings of feature to value as for `put_record`, or a pandas DataFrame. Missing values of a DataFrame are
                left out.
            schema: Result of `schema()`. Without it, the group is described once.
            event_time: Event time of rows without one.
            max_concurrency: The most calls under way at a time.
            fail_fast: Whether to send no more rows once one has failed.
            on_error: Called with each failed row; the report then only counts failed rows.

        Every exception carries the report so far as its attribute `report`. Raises `InvalidRequestError` if `rows` are not
        records; errors that every call would meet, such as `ExpiredCredentialsError`; and any error of describing the group.
        """
        from sagemaker_typed._data.ordered import outcomes

        ingesting = _Ingesting(
            feature_group_name,
            rows,
            max_concurrency=max_concurrency,
            event_time=event_time,
            stores=target_stores,
            ttl=ttl,
            fail_fast=fail_fast,
            on_error=on_error,
        )
        defined = self.schema(feature_group_name) if schema is None else schema
        started = self._sender.clock.now()

        def write(row: Any) -> None:
            try:
                self._sender.send(ingesting.request(row, defined))
            except SageMakerError as error:
                ingesting.failing(error)
                raise

        try:
            with closing(outcomes(write, ingesting.taken(), ingesting.most)) as found:
                for outcome in found:
                    ingesting.take(outcome)
            return ingesting.result(self._sender.clock, started)
        except BaseException as error:
            _carried(error, ingesting, self._sender.clock, started)
            raise


class AsyncFeatures:
    """`Features` of the asynchronous client."""

    __slots__ = ()

    if TYPE_CHECKING:
        _sender: Any

    async def schema(self, feature_group_name: str) -> FeatureSchema:
        """Return the features that a group defines. See `SageMaker.feature_groups.schema`."""
        found: FeatureSchema = await self._sender._run(_schema(feature_group_name))
        return found

    async def put_record(
        self,
        feature_group_name: str,
        record: Mapping[str, Any],
        *,
        schema: FeatureSchema | None = None,
        target_stores: Sequence[TargetStore | TargetStoreValue] | None = None,
        ttl: timedelta | TtlDuration | None = None,
    ) -> None:
        """Write a record of plain Python values. See `SageMaker.feature_groups.put_record` for the arguments."""
        await self._sender.send(_put(feature_group_name, record, schema, target_stores, ttl))

    async def update_record(
        self,
        feature_group_name: str,
        record_id: str | int,
        features: Mapping[str, Any],
        *,
        target_stores: Sequence[TargetStore | TargetStoreValue] | None = None,
        ttl: timedelta | TtlDuration | None = None,
    ) -> None:
        """Write some features of a record. See `SageMaker.feature_groups.update_record` for the arguments."""
        await self._sender.send(_update(feature_group_name, record_id, features, target_stores, ttl))

    async def get_record(
        self,
        feature_group_name: str,
        record_id: str | int,
        *,
        feature_names: Sequence[str] | None = None,
        expiration: bool = False,
    ) -> FeatureRecord | None:
        """Return a record; None if there is none. See `SageMaker.feature_groups.get_record` for the arguments."""
        return _found(await self._sender.send(_get(feature_group_name, record_id, feature_names, expiration)))

    async def batch_get(
        self,
        feature_group_name: str,
        record_ids: Iterable[str | int],
        *,
        feature_names: Sequence[str] | None = None,
        expiration: bool = False,
    ) -> MapReport[str | int, FeatureRecord | None]:
        """Return any number of records. See `SageMaker.feature_groups.batch_get` for the arguments."""
        many = _ManyRecords(feature_group_name, record_ids, feature_names, expiration)
        found: MapReport[str | int, FeatureRecord | None] = await self._sender._run(many.steps)
        return found

    async def delete_record(
        self,
        feature_group_name: str,
        record_id: str | int,
        *,
        event_time: datetime | float | str,
        schema: FeatureSchema | None = None,
        target_stores: Sequence[TargetStore | TargetStoreValue] | None = None,
        deletion_mode: DeletionMode | DeletionModeValue | None = None,
    ) -> None:
        """Delete a record. See `SageMaker.feature_groups.delete_record` for the arguments."""
        await self._sender.send(
            _delete(feature_group_name, record_id, event_time, schema, target_stores, deletion_mode)
        )

    async def ingest(
        self,
        feature_group_name: str,
        rows: Any,
        *,
        schema: FeatureSchema | None = None,
        event_time: datetime | float | str | None = None,
        max_concurrency: int = 8,
        target_stores: Sequence[TargetStore | TargetStoreValue] | None = None,
        ttl: timedelta | TtlDuration | None = None,
        fail_fast: bool = False,
        on_error: Callable[[FailedRow], object] | None = None,
    ) -> IngestReport:
        """Write many records, several at a time, and report on all of them. The rows may be asynchronous as well.

        See `SageMaker.feature_groups.ingest` for the arguments.
        """
        from sagemaker_typed._data.ordered import aoutcomes

        ingesting = _Ingesting(
            feature_group_name,
            rows,
            max_concurrency=max_concurrency,
            event_time=event_time,
            stores=target_stores,
            ttl=ttl,
            fail_fast=fail_fast,
            on_error=on_error,
        )
        defined = await self.schema(feature_group_name) if schema is None else schema
        started = self._sender.clock.now()

        async def write(row: Any) -> None:
            try:
                await self._sender.send(ingesting.request(row, defined))
            except SageMakerError as error:
                ingesting.failing(error)
                raise

        taken: Any = ingesting.ataken() if ingesting.is_async else ingesting.taken()
        try:
            async with aclosing(aoutcomes(write, taken, ingesting.most)) as found:
                async for outcome in found:
                    ingesting.take(outcome)
            return ingesting.result(self._sender.clock, started)
        except BaseException as error:
            _carried(error, ingesting, self._sender.clock, started)
            raise
