"""Domains with all that is in them, images and their versions, hubs and their contents, model cards."""

from __future__ import annotations

from typing import Any

import pytest

from sagemaker_typed import errors
from sagemaker_typed.testing import LocalSageMaker
from tests.local.checked import checked_client
from tests.local.support import HandClock, error_of

ARN = "arn:aws:sagemaker:us-west-2:123456789012"
ROLE = "arn:aws:iam::123456789012:role/studio"


@pytest.fixture
def sm(local: LocalSageMaker) -> Any:
    """A client that holds every answer against the model."""
    return checked_client(local)


def make_domain(sm: Any, name: str = "team") -> str:
    settings = {"ExecutionRole": ROLE}
    network = {"SubnetIds": ["subnet-1"], "VpcId": "vpc-1"}
    made = sm.create_domain(DomainName=name, AuthMode="IAM", DefaultUserSettings=settings, **network)
    return str(made["DomainId"])


# --- Studio -----------------------------------------------------------------------------------------------------------


def test_a_domain_and_all_that_is_in_it(sm: Any, clock: HandClock) -> None:
    domain = make_domain(sm)
    assert domain.startswith("d-")
    clock.forward(1)
    assert sm.describe_domain(DomainId=domain)["DomainArn"] == f"{ARN}:domain/{domain}"
    sm.create_user_profile(DomainId=domain, UserProfileName="ana")
    sm.create_space(DomainId=domain, SpaceName="lab", SpaceSettings={"AppType": "JupyterLab"})
    clock.forward(1)
    app = {"DomainId": domain, "UserProfileName": "ana", "AppType": "JupyterServer", "AppName": "default"}
    assert sm.create_app(**app)["AppArn"] == f"{ARN}:app/{domain}/ana/jupyterserver/default"
    assert sm.describe_app(**app)["Status"] == "Pending"
    clock.forward(1)
    assert sm.describe_app(**app)["Status"] == "InService"
    [space] = sm.list_spaces(DomainIdEquals=domain)["Spaces"]
    assert space["SpaceSettingsSummary"] == {"AppType": "JupyterLab"}
    assert [each["AppName"] for each in sm.list_apps(UserProfileNameEquals="ana")["Apps"]] == ["default"]
    assert sm.list_apps(SpaceNameEquals="lab")["Apps"] == []
    assert sm.list_user_profiles(DomainIdEquals="d-other")["UserProfiles"] == []

    for delete, named in (
        (sm.delete_domain, {"DomainId": domain}),
        (sm.delete_user_profile, {"DomainId": domain, "UserProfileName": "ana"}),
    ):
        code, message, _ = error_of(delete, **named)
        assert code == "ResourceInUse"
        assert "associated" in message
    sm.delete_app(**app)
    assert sm.describe_app(**app)["Status"] == "Deleting"
    clock.forward(1)
    assert sm.describe_app(**app)["Status"] == "Deleted"
    sm.create_app(**app)  # its name is free again
    clock.forward(1)
    sm.delete_app(**app)
    sm.delete_user_profile(DomainId=domain, UserProfileName="ana")
    sm.delete_space(DomainId=domain, SpaceName="lab")
    clock.forward(1)
    sm.delete_domain(DomainId=domain)
    clock.forward(1)
    assert sm.list_domains()["Domains"] == []
    assert error_of(sm.describe_domain, DomainId=domain)[0] == "ResourceNotFound"


def test_the_same_name_in_two_domains(sm: Any, clock: HandClock) -> None:
    one, two = make_domain(sm, "one"), make_domain(sm, "two")
    clock.forward(1)
    for domain in (one, two):
        sm.create_user_profile(DomainId=domain, UserProfileName="ana")
    assert error_of(sm.create_user_profile, DomainId=one, UserProfileName="ana")[0] == "ResourceInUse"
    clock.forward(1)
    sm.delete_user_profile(DomainId=one, UserProfileName="ana")
    clock.forward(1)
    assert [each["DomainId"] for each in sm.list_user_profiles()["UserProfiles"]] == [two]
    unknown = error_of(sm.create_user_profile, DomainId="d-none", UserProfileName="ana")
    assert unknown[:2] == ("ValidationException", "RecordNotFound")


def test_an_update_merges_settings(sm: Any, clock: HandClock) -> None:
    domain = make_domain(sm)
    clock.forward(1)
    before = sm.describe_domain(DomainId=domain)
    sm.update_domain(DomainId=domain, DefaultUserSettings={"SecurityGroups": ["sg-1"]})
    assert error_of(sm.update_domain, DomainId=domain)[0] == "ResourceInUse"
    clock.forward(1)
    after = sm.describe_domain(DomainId=domain)
    assert after["DefaultUserSettings"] == {**before["DefaultUserSettings"], "SecurityGroups": ["sg-1"]}


def test_links(sm: Any, clock: HandClock) -> None:
    domain = make_domain(sm)
    clock.forward(1)
    sm.create_user_profile(DomainId=domain, UserProfileName="ana")
    url = sm.create_presigned_domain_url(DomainId=domain, UserProfileName="ana")["AuthorizedUrl"]
    assert url.startswith(f"https://{domain}.studio.us-west-2.sagemaker.aws/auth?token=")
    assert error_of(sm.create_presigned_domain_url, DomainId=domain, UserProfileName="bob")[0] == "ResourceNotFound"
    sm.create_notebook_instance(NotebookInstanceName="n", InstanceType="ml.t3.medium", RoleArn=ROLE)
    assert "not in ([InService])" in error_of(sm.create_presigned_notebook_instance_url, NotebookInstanceName="n")[1]
    clock.forward(1)
    url = sm.create_presigned_notebook_instance_url(NotebookInstanceName="n")["AuthorizedUrl"]
    assert url.startswith("https://n.notebook.us-west-2.sagemaker.aws/")


def test_lifecycle_configurations(sm: Any, local: LocalSageMaker) -> None:
    hook = [{"Content": "ZWNobyBoaQ=="}]
    sm.create_notebook_instance_lifecycle_config(NotebookInstanceLifecycleConfigName="c", OnStart=hook)
    sm.update_notebook_instance_lifecycle_config(NotebookInstanceLifecycleConfigName="c", OnCreate=hook)
    shown = sm.describe_notebook_instance_lifecycle_config(NotebookInstanceLifecycleConfigName="c")
    assert (shown["OnStart"], shown["OnCreate"]) == (hook, hook)
    typed = local.client()
    with pytest.raises(errors.ResourceAlreadyExistsError):
        typed.notebook_instance_lifecycle_configs.create("c")
    with pytest.raises(errors.ResourceNotFoundError):
        typed.notebook_instance_lifecycle_configs.describe("none")
    sm.create_studio_lifecycle_config(
        StudioLifecycleConfigName="s",
        StudioLifecycleConfigContent="ZWNobw==",
        StudioLifecycleConfigAppType="JupyterLab",
    )
    assert sm.list_studio_lifecycle_configs(AppTypeEquals="KernelGateway")["StudioLifecycleConfigs"] == []
    [found] = sm.list_studio_lifecycle_configs(AppTypeEquals="JupyterLab")["StudioLifecycleConfigs"]
    assert found["StudioLifecycleConfigArn"] == f"{ARN}:studio-lifecycle-config/s"


# --- images -----------------------------------------------------------------------------------------------------------


def test_versions_of_an_image(sm: Any, clock: HandClock) -> None:
    sm.create_image(ImageName="Base", RoleArn=ROLE)
    assert "invalid state" in error_of(sm.create_image_version, ImageName="Base", BaseImage="repo:1")[1]
    clock.forward(1)
    for number in (1, 2, 3):
        made = sm.create_image_version(ImageName="Base", BaseImage=f"repo:{number}", Aliases=[f"v{number}"])
        assert made["ImageVersionArn"] == f"{ARN}:image-version/base/{number}"
    clock.forward(1)
    latest = sm.describe_image_version(ImageName="Base")
    assert (latest["Version"], latest["BaseImage"], latest["ImageVersionStatus"]) == (3, "repo:3", "CREATED")
    assert sm.describe_image_version(ImageName="Base", Alias="v1")["Version"] == 1
    assert error_of(sm.delete_image, ImageName="Base")[0] == "ResourceInUse"
    sm.update_image_version(ImageName="Base", Version=1, AliasesToAdd=["stable"], AliasesToDelete=["v1"])
    assert sm.list_aliases(ImageName="Base")["SageMakerImageVersionAliases"] == ["stable", "v2", "v3"]
    assert sm.list_aliases(ImageName="Base", Version=1)["SageMakerImageVersionAliases"] == ["stable"]
    sm.delete_image_version(ImageName="Base", Version=3)
    clock.forward(1)
    assert sm.create_image_version(ImageName="Base", BaseImage="repo:4")["ImageVersionArn"].endswith("/4")
    versions = sm.list_image_versions(ImageName="Base", SortOrder="ASCENDING")["ImageVersions"]
    assert [each["Version"] for each in versions] == [1, 2, 4]
    code, message, _ = error_of(sm.describe_image_version, ImageName="Base", Version=3)
    assert (code, message) == ("ResourceNotFound", "ImageVersion with Version 3 of Base does not exist.")


def test_a_property_is_taken_from_an_image(sm: Any, clock: HandClock) -> None:
    sm.create_image(ImageName="base", RoleArn=ROLE, Description="old", DisplayName="Base")
    clock.forward(1)
    sm.update_image(ImageName="base", DeleteProperties=["Description"], DisplayName="New")
    shown = sm.describe_image(ImageName="base")
    assert "Description" not in shown
    assert (shown["DisplayName"], shown["ImageStatus"]) == ("New", "UPDATING")


# --- hubs -------------------------------------------------------------------------------------------------------------


def content(sm: Any, name: str, version: str) -> Any:
    return sm.import_hub_content(
        HubName="hub",
        HubContentName=name,
        HubContentType="Model",
        HubContentVersion=version,
        DocumentSchemaVersion="2.3.0",
        HubContentDocument='{"a": 1}',
    )


def test_contents_of_a_hub(sm: Any, clock: HandClock) -> None:
    assert error_of(content, sm=sm, name="bert", version="1.0.0")[0] == "ResourceNotFound"
    sm.create_hub(HubName="hub", HubDescription="ours")
    clock.forward(1)
    for version in ("1.0.0", "1.10.0", "1.9.0"):
        assert content(sm, "bert", version)["HubContentArn"] == f"{ARN}:hub-content/hub/Model/bert/{version}"
    content(sm, "resnet", "1.0.0")
    clock.forward(1)
    assert error_of(content, sm=sm, name="bert", version="1.9.0")[0] == "ResourceInUse"
    found = sm.list_hub_contents(HubName="hub", HubContentType="Model")["HubContentSummaries"]
    assert [(each["HubContentName"], each["HubContentVersion"]) for each in found] == [
        ("bert", "1.10.0"),
        ("resnet", "1.0.0"),
    ]
    named = {"HubName": "hub", "HubContentType": "Model", "HubContentName": "bert"}
    assert sm.describe_hub_content(**named)["HubContentVersion"] == "1.10.0"
    assert sm.describe_hub_content(**{**named, "HubName": f"{ARN}:hub/hub"})["HubArn"] == f"{ARN}:hub/hub"
    assert len(sm.list_hub_content_versions(**named)["HubContentSummaries"]) == 3
    assert len(sm.list_hub_content_versions(**named, MinVersion="1.9.5")["HubContentSummaries"]) == 1
    assert error_of(sm.delete_hub, HubName="hub")[0] == "ResourceInUse"
    sm.delete_hub_content(**named, HubContentVersion="1.10.0")
    clock.forward(1)
    assert sm.describe_hub_content(**named)["HubContentVersion"] == "1.9.0"


def test_a_reference_to_a_public_model(sm: Any, clock: HandClock) -> None:
    sm.create_hub(HubName="hub", HubDescription="ours")
    clock.forward(1)
    public = "arn:aws:sagemaker:us-west-2:aws:hub-content/SageMakerPublicHub/Model/llama"
    sm.create_hub_content_reference(HubName="hub", SageMakerPublicHubContentArn=public, MinVersion="1.2.3")
    named = {"HubName": "hub", "HubContentType": "ModelReference", "HubContentName": "llama"}
    shown = sm.describe_hub_content(**named)
    assert (shown["SageMakerPublicHubContentArn"], shown["ReferenceMinVersion"]) == (public, "1.2.3")
    clock.forward(1)
    sm.update_hub_content_reference(**named, MinVersion="2.0.0")
    assert sm.describe_hub_content(**named)["ReferenceMinVersion"] == "2.0.0"
    sm.delete_hub_content_reference(**named)
    assert error_of(sm.describe_hub_content, **named)[0] == "ResourceNotFound"


# --- model cards ------------------------------------------------------------------------------------------------------


def test_versions_and_exports_of_a_model_card(sm: Any, clock: HandClock) -> None:
    sm.create_model_card(ModelCardName="card", Content="{}", ModelCardStatus="Draft")
    clock.forward(5)
    sm.update_model_card(ModelCardName="card", Content='{"a": 1}')
    sm.update_model_card(ModelCardName="card", ModelCardStatus="Approved")
    both = error_of(sm.update_model_card, ModelCardName="card", Content="{}", ModelCardStatus="Draft")
    assert both[0] == "ValidationException"
    now, first = (
        sm.describe_model_card(ModelCardName="card"),
        sm.describe_model_card(ModelCardName="card", ModelCardVersion=1),
    )
    assert (now["ModelCardVersion"], now["Content"], now["ModelCardStatus"]) == (2, '{"a": 1}', "Approved")
    assert (first["ModelCardVersion"], first["Content"], first["ModelCardStatus"]) == (1, "{}", "Draft")
    assert error_of(sm.describe_model_card, ModelCardName="card", ModelCardVersion=3)[0] == "ResourceNotFound"
    versions = sm.list_model_card_versions(ModelCardName="card")["ModelCardVersionSummaryList"]
    assert [each["ModelCardStatus"] for each in versions] == ["Draft", "Approved"]

    output = {"S3OutputPath": "s3://cards/out"}
    export = sm.create_model_card_export_job(ModelCardName="card", ModelCardExportJobName="pdf", OutputConfig=output)
    arn = export["ModelCardExportJobArn"]
    assert arn == f"{ARN}:model-card/card/export-job/pdf"
    assert "ExportArtifacts" not in sm.describe_model_card_export_job(ModelCardExportJobArn=arn)
    clock.forward(1)
    done = sm.describe_model_card_export_job(ModelCardExportJobArn=arn)
    assert (done["Status"], done["ModelCardVersion"]) == ("Completed", 2)
    assert done["ExportArtifacts"]["S3ExportArtifacts"].startswith("s3://cards/out/")
    assert error_of(sm.list_model_card_export_jobs, ModelCardName="none")[0] == "ValidationException"
