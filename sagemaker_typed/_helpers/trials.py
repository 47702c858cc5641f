"""`sm.experiments.trials`, `sm.experiments.components` and `sm.trials.components`: lists below an experiment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datetime import datetime

    from sagemaker_typed._core.pages import AsyncPages, Pages
    from sagemaker_typed.types import (
        ListTrialComponentsRequest,
        ListTrialComponentsResponse,
        ListTrialsRequest,
        ListTrialsResponse,
        SortOrder,
        SortTrialComponentsBy,
        SortTrialsBy,
        TrialComponentSummary,
        TrialSummary,
    )
    from sagemaker_typed.types.shared.sort_order import SortOrderValue
    from sagemaker_typed.types.trial_components import SortTrialComponentsByValue
    from sagemaker_typed.types.trials import SortTrialsByValue

__all__ = ["AsyncOfExperiments", "AsyncOfTrials", "OfExperiments", "OfTrials"]


def _trials(**members: Any) -> ListTrialsRequest:
    from sagemaker_typed.types import ListTrialsRequest

    return ListTrialsRequest(**members)


def _components(**members: Any) -> ListTrialComponentsRequest:
    from sagemaker_typed.types import ListTrialComponentsRequest

    return ListTrialComponentsRequest(**members)


class OfExperiments:
    """The methods of `sm.experiments` besides its operations: lists below an experiment."""

    __slots__ = ()

    if TYPE_CHECKING:
        _sender: Any

    def trials(
        self,
        experiment_name: str,
        *,
        created_after: datetime | None = None,
        created_before: datetime | None = None,
        sort_by: SortTrialsBy | SortTrialsByValue | None = None,
        sort_order: SortOrder | SortOrderValue | None = None,
        next_token: str | None = None,
        max_results: int | None = None,
    ) -> Pages[TrialSummary, ListTrialsResponse]:
        """List the trials of an experiment.

        Args:
            experiment_name: Name of the experiment.
            created_after: List only trials created after this time.
            created_before: List only trials created before this time.
            sort_by: Property to sort the trials by.
            sort_order: Ascending or descending order.
            next_token: Token of a page to resume at.
            max_results: Highest number of entries in one page.

        https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ListTrials.html
        """
        pages: Pages[TrialSummary, ListTrialsResponse] = self._sender._pages(
            _trials(
                experiment_name=experiment_name,
                created_after=created_after,
                created_before=created_before,
                sort_by=sort_by,
                sort_order=sort_order,
                next_token=next_token,
                max_results=max_results,
            )
        )
        return pages

    def components(
        self,
        experiment_name: str,
        *,
        created_after: datetime | None = None,
        created_before: datetime | None = None,
        sort_by: SortTrialComponentsBy | SortTrialComponentsByValue | None = None,
        sort_order: SortOrder | SortOrderValue | None = None,
        next_token: str | None = None,
        max_results: int | None = None,
    ) -> Pages[TrialComponentSummary, ListTrialComponentsResponse]:
        """List the components of all trials of an experiment.

        One request per page, however many trials there are.

        Args:
            experiment_name: Name of the experiment.
            created_after: List only components created after this time.
            created_before: List only components created before this time.
            sort_by: Property to sort the components by.
            sort_order: Ascending or descending order.
            next_token: Token of a page to resume at.
            max_results: Highest number of entries in one page.

        https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ListTrialComponents.html
        """
        pages: Pages[TrialComponentSummary, ListTrialComponentsResponse] = self._sender._pages(
            _components(
                experiment_name=experiment_name,
                created_after=created_after,
                created_before=created_before,
                sort_by=sort_by,
                sort_order=sort_order,
                next_token=next_token,
                max_results=max_results,
            )
        )
        return pages


class OfTrials:
    """The methods of `sm.trials` besides its operations: lists below a trial."""

    __slots__ = ()

    if TYPE_CHECKING:
        _sender: Any

    def components(
        self,
        trial_name: str,
        *,
        created_after: datetime | None = None,
        created_before: datetime | None = None,
        sort_by: SortTrialComponentsBy | SortTrialComponentsByValue | None = None,
        sort_order: SortOrder | SortOrderValue | None = None,
        next_token: str | None = None,
        max_results: int | None = None,
    ) -> Pages[TrialComponentSummary, ListTrialComponentsResponse]:
        """List the components of a trial.

        Args:
            trial_name: Name of the trial.
            created_after: List only components created after this time.
            created_before: List only components created before this time.
            sort_by: Property to sort the components by.
            sort_order: Ascending or descending order.
            next_token: Token of a page to resume at.
            max_results: Highest number of entries in one page.

        https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ListTrialComponents.html
        """
        pages: Pages[TrialComponentSummary, ListTrialComponentsResponse] = self._sender._pages(
            _components(
                trial_name=trial_name,
                created_after=created_after,
                created_before=created_before,
                sort_by=sort_by,
                sort_order=sort_order,
                next_token=next_token,
                max_results=max_results,
            )
        )
        return pages


class AsyncOfExperiments(OfExperiments):
    """`OfExperiments` of the asynchronous client. Iterate over its pages with `async for`."""

    __slots__ = ()

    if TYPE_CHECKING:

        def trials(  # type: ignore[override]
            self,
            experiment_name: str,
            *,
            created_after: datetime | None = None,
            created_before: datetime | None = None,
            sort_by: SortTrialsBy | SortTrialsByValue | None = None,
            sort_order: SortOrder | SortOrderValue | None = None,
            next_token: str | None = None,
            max_results: int | None = None,
        ) -> AsyncPages[TrialSummary, ListTrialsResponse]: ...

        def components(  # type: ignore[override]
            self,
            experiment_name: str,
            *,
            created_after: datetime | None = None,
            created_before: datetime | None = None,
            sort_by: SortTrialComponentsBy | SortTrialComponentsByValue | None = None,
            sort_order: SortOrder | SortOrderValue | None = None,
            next_token: str | None = None,
            max_results: int | None = None,
        ) -> AsyncPages[TrialComponentSummary, ListTrialComponentsResponse]: ...


class AsyncOfTrials(OfTrials):
    """`OfTrials` of the asynchronous client. Iterate over its pages with `async for`."""

    __slots__ = ()

    if TYPE_CHECKING:

        def components(  # type: ignore[override]
            self,
            trial_name: str,
            *,
            created_after: datetime | None = None,
            created_before: datetime | None = None,
            sort_by: SortTrialComponentsBy | SortTrialComponentsByValue | None = None,
            sort_order: SortOrder | SortOrderValue | None = None,
            next_token: str | None = None,
            max_results: int | None = None,
        ) -> AsyncPages[TrialComponentSummary, ListTrialComponentsResponse]: ...
