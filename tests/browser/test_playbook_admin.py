"""The workshop of playbooks in a real browser: a step is written, localized, settled, published."""

import re
from collections.abc import Iterator

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Browser, Locator, Page, expect
from pytest_django.live_server_helper import LiveServer

from playbooks import services
from playbooks.models import Edition, Localization, PlaybookVersion, Step
from regions.models import Market
from tests import factories
from tests.browser.test_accessibility import AXE, LOOK, SCHEMES
from tests.conftest import PASSWORD, Cast, make_cast

# A check resolves editions, and a busy machine takes its time.
expect.set_options(timeout=60_000)


@pytest.fixture
def company(transactional_db: None) -> Cast:
    """A company that works in France and in Germany."""
    cast = make_cast("Alder")
    with cast.acting():
        factories.market("FR")
        factories.market("DE")
    return cast


@pytest.fixture
def page(chromium: Browser, live_server: LiveServer, company: Cast) -> Iterator[Page]:
    """The leader's page; any trouble of a script or a policy fails."""
    troubles: list[str] = []
    page = chromium.new_page(viewport={"width": 1280, "height": 900})
    page.set_default_timeout(90_000)
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on(
        "console",
        lambda line: troubles.append(line.text) if "Content Security Policy" in line.text else None,
    )
    page.goto(f"{live_server.url}/login/")
    page.locator("[name=username]").fill("leader@alder.example")
    page.locator("[name=password]").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{live_server.url}/")
    yield page
    page.close()
    assert not troubles


@pytest.fixture
def published(company: Cast) -> PlaybookVersion:
    """A published version of two steps."""
    with company.acting():
        return factories.published(
            factories.step("kickoff", required=True, assumption="remote"),
            factories.step("training", offset=5, depends_on=["kickoff"]),
            by=company.leader,
            key="onboarding",
            name="Onboarding",
        )


def opened(page: Page, live_server: LiveServer, name: str, *arguments: object) -> None:
    """Open a page of the workshop."""
    page.goto(live_server.url + reverse(f"admin:playbooks_{name}", args=arguments))


def change_here(page: Page, field: str) -> Locator:
    """Return the button that makes a field of the training local."""
    name = re.compile(rf"Change here\s*: {field}, Do training")
    return page.get_by_role("button", name=name)


def violations(page: Page) -> list[str]:
    """Return what axe finds on a page, light and dark."""
    found: list[str] = []
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        # The admin asks for the scheme once, when a page is loaded.
        page.reload()
        page.evaluate(AXE)
        found += [f"{page.url} ({scheme}): {each}" for each in page.evaluate(LOOK)]
    return found


def test_a_step_is_written_and_the_playbook_published(
    page: Page, live_server: LiveServer, company: Cast
) -> None:
    opened(page, live_server, "playbook_add")
    page.get_by_label("Name").fill("Onboarding")
    page.keyboard.press("Tab")
    expect(page.get_by_label("Key")).to_have_value("onboarding")
    page.get_by_label("Motion").select_option("onboarding")
    page.get_by_label("Goal").fill("The first team works with it.")
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_role("link", name="Add a step").click()
    page.locator("#id_title").fill("Hold the kickoff")
    page.keyboard.press("Tab")
    expect(page.get_by_label("Key")).to_have_value("hold-the-kickoff")
    page.locator("#id_outcome").fill("You know what comes.")
    # Tabs are reached by keys, and what is counted from asks for a step only then.
    page.get_by_role("button", name="When and who").press("Enter")
    expect(page.locator("#id_anchor_step")).to_be_hidden()
    page.locator("#id_anchor").select_option("step_end")
    expect(page.locator("#id_anchor_step")).to_be_visible()
    page.locator("#id_anchor").select_option("run_start")
    page.locator("#id_offset").fill("2")
    page.get_by_role("button", name="Words to the customer").press("Enter")
    page.locator("#id_message").fill("Dear {contact_nam}")
    page.get_by_role("button", name="For whom").press("Enter")
    page.get_by_label("Tier 1").check()
    page.get_by_role("button", name="Translations").press("Enter")
    page.locator("[name=translation_fr_title]").fill("Faire connaissance")
    expect(page.locator("[name=translation_fr_outcome]")).to_have_value("")
    page.get_by_role("button", name="Words to the customer").press("Enter")
    page.get_by_role("button", name="Check").click()
    expect(page.get_by_text("Did you mean “contact_name”?")).to_be_visible()
    page.locator("#id_message").fill("Dear {contact_name}")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("2 working days after the start")).to_be_visible()
    with company.acting():
        step = Step.objects.get()
        assert step.message == "Dear {contact_name}"
        assert step.condition == {"tiers": ["tier_1"]}
        assert step.translations == {"fr": {"title": "Faire connaissance"}}
    page.get_by_role("link", name="Publish").or_(
        page.get_by_role("button", name="Publish")
    ).first.click()
    page.locator("#dialog").get_by_role("button", name="Publish").click()
    expect(page.get_by_text("The version is published.")).to_be_visible()
    with company.acting():
        assert Edition.objects.count() == 2


def test_a_step_is_localized_settled_published_and_compared(
    page: Page, live_server: LiveServer, company: Cast, published: PlaybookVersion
) -> None:
    opened(page, live_server, "playbook_change", published.playbook_id)
    page.get_by_role("button", name="Localize France").click()
    page.locator("#step-training > summary").press("Enter")
    change_here(page, "Distance").press("Enter")
    value = page.locator("[name='training--offset-value']")
    # What was asked for has the focus; the rest of the page stays as it is.
    expect(value).to_be_focused()
    value.fill("1")
    page.locator("[name='training--offset-reason_kind']").select_option("staffing")
    page.locator("[name='training--offset-reason']").fill("The trainers come early.")
    expect(page.locator("#findings-found")).to_contain_text("is due before “kickoff”")
    value.fill("9")
    expect(page.locator("#findings-found")).to_contain_text("Nothing is found")
    page.get_by_role("button", name="Save and publish").first.click()
    expect(page.get_by_text("Published: France.")).to_be_visible()

    with company.acting():
        draft = services.start_draft(published.playbook, by=company.leader)
        steps = [services.step_values(step) for step in draft.steps.all()]
        steps[1]["offset"] = 6
        services.save_version(draft, steps=steps)
        services.publish_version(draft, by=company.leader, at=timezone.now())
        localization = Localization.objects.get()
    opened(page, live_server, "localization_editor", localization.pk)
    page.get_by_role("link", name="Move to version 2").click()
    expect(page.locator(".cs-three")).to_contain_text(re.compile(r"Before\s*5"))
    page.get_by_label("Keep ours").check()
    assert violations(page) == []
    page.get_by_label("Keep ours").check()
    page.get_by_role("button", name="Move France to version 2").click()
    page.get_by_role("button", name="Save and publish").first.click()
    expect(page.get_by_text("Published: France.")).to_be_visible()

    opened(page, live_server, "playbook_change", published.playbook_id)
    page.get_by_role("button", name="Side by side").click()
    page.get_by_label("Only differences").check()
    page.get_by_role("button", name="Compare").click()
    expect(page.get_by_role("status")).to_have_text("1 step differs.")
    expect(page.get_by_text("The trainers come early.")).to_be_visible()


def test_steps_are_put_in_order_by_mouse_and_by_number(
    page: Page, live_server: LiveServer, company: Cast
) -> None:
    with company.acting():
        draft = factories.playbook(factories.step("first"), factories.step("second"))
    opened(page, live_server, "playbookversion_change", draft.pk)
    handles = page.locator("[x-sort\\:handle]")
    box, target = handles.nth(1).bounding_box(), handles.nth(0).bounding_box()
    assert box
    assert target
    page.mouse.move(box["x"] + 10, box["y"] + 10)
    page.mouse.down()
    page.mouse.move(target["x"] + 10, target["y"] + 5, steps=15)
    page.mouse.move(target["x"] + 10, target["y"] - 5, steps=5)
    page.mouse.up()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_label("Position: Do second")).to_have_value("10")
    page.get_by_label("Position: Do second").fill("30")
    page.keyboard.press("Enter")
    expect(page.locator("table a").first).to_have_text("Do first")
    with company.acting():
        assert [step.key for step in draft.steps.all()] == ["first", "second"]


def test_without_its_scripts_the_editor_works_page_by_page(
    chromium: Browser,
    live_server: LiveServer,
    company: Cast,
    page: Page,
    published: PlaybookVersion,
) -> None:
    with company.acting():
        localization = factories.localization(published, Market.objects.get(code="FR"))
    page.route(re.compile(r"htmx|editor.*\.js"), lambda route: route.abort())
    opened(page, live_server, "localization_editor", localization.pk)
    page.locator("#step-training > summary").click()
    change_here(page, "Title").click()
    page.locator("[name='training--title-value']").fill("Train them there")
    page.locator("[name='training--title-reason_kind']").select_option("culture")
    page.locator("[name='training--title-reason']").fill("They ask for it.")
    # Enter saves, and does nothing else.
    page.locator("[name='training--title-value']").press("Enter")
    expect(page.get_by_text("The localization is saved.")).to_be_visible()
    with company.acting():
        assert localization.changes.get().value == "Train them there"


def test_the_pages_have_no_violation(
    page: Page, live_server: LiveServer, company: Cast, published: PlaybookVersion
) -> None:
    with company.acting():
        france = Market.objects.get(code="FR")
        localization = factories.localization(
            published,
            france,
            factories.change("training", "offset", 9),
            factories.change("kickoff", "translations.fr", {"title": "Faire connaissance"}),
        )
        services.publish_localization(localization, by=company.leader, at=timezone.now())
        draft = services.start_draft(published.playbook, by=company.leader)
        edition = services.edition_in_force(published.playbook, france)
    assert edition
    step = f"{reverse('admin:playbooks_localization_editor', args=[localization.pk])}?step=training"
    side_by_side = reverse("admin:playbooks_playbook_compare", args=[published.playbook_id])
    found: list[str] = []
    for address in (
        reverse("admin:playbooks_playbook_library"),
        reverse("admin:playbooks_playbook_change", args=[published.playbook_id]),
        reverse("admin:playbooks_playbookversion_change", args=[draft.pk]),
        f"{reverse('admin:playbooks_step_add')}?version={draft.pk}",
        step,
        f"{side_by_side}?left=version:1&right=market:FR",
        reverse("admin:playbooks_edition_change", args=[edition.pk]),
        reverse("admin:playbooks_assumptiondecision_changelist"),
    ):
        page.goto(f"{live_server.url}{address}")
        found += violations(page)
        page.set_viewport_size({"width": 390, "height": 844})
        assert page.evaluate("document.documentElement.scrollWidth") == 390, address
        page.set_viewport_size({"width": 1280, "height": 900})
    assert found == [], "\n".join(found)
