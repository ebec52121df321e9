#include "tests/support/events.hpp"

#include "core/base/time.hpp"

namespace linkspan::test
{
namespace
{

constexpr char const* web = "https://bitbucket.org/acme/api";

pull_request sample_pull_request()
{
    pull_request about;
    about.id = 7;
    about.title = "Add rate limits";
    about.description = "Each client may send ten requests a second.\n\n* a bucket per client\n* answers 429";
    about.state = pull_request_state::open;
    about.draft = false;
    about.source = branch_tip{"acme/api", "feature/limits", "4f1c2a9be07d"};
    about.target = branch_tip{"acme/api", "main", "90b0c1d2e3f4"};
    about.author = sample_person("Ada");
    about.url = std::string(web) + "/pull-requests/7";
    return about;
}

comment_detail sample_comment()
{
    comment_detail detail;
    detail.comment.id = 42;
    detail.comment.text = "Why ten?\n\nA *constant* would tell.";
    detail.comment.author = sample_person("Grace");
    detail.comment.anchor = inline_anchor{"src/limit.cpp", diff_side::after, 42, 42};
    detail.comment.url = std::string(web) + "/pull-requests/7#comment-42";
    detail.reaction = "tada";
    return detail;
}

build sample_build(build_state state)
{
    build run;
    run.commit = "4f1c2a9be07d4f1c2a9be07d4f1c2a9be07d4f1c";
    run.key = "unit";
    run.name = "unit-tests";
    run.description = "3 of 120 tests failed";
    run.url = "https://ci.example.com/builds/12";
    run.state = state;
    run.branch = "feature/limits";
    return run;
}

std::vector<commit> sample_commits()
{
    return {
        {"4f1c2a9be07d4f1c2a9be07d4f1c2a9be07d4f1c", "Count requests per client\n\nA bucket each.", "Ada"},
        {"a1b2c3d4e5f6a1b2c3d4e5f6a1b2c3d4e5f6a1b2", "Answer 429", "Ada"}};
}

ref_change sample_ref(std::string name)
{
    ref_change change;
    change.name = std::move(name);
    change.after = sample_commits().front().hash;
    change.commits = sample_commits();
    return change;
}

repository_change sample_repository_change()
{
    repository_change change;
    change.before = "acme/old-api";
    change.after = "acme/api";
    change.fields = {"description", "website"};
    change.locations = {"4f1c2a9be07d:src/key.cpp:3"};
    change.mirror = "eu-west";
    return change;
}

event_detail other_detail(event_kind kind)
{
    using enum event_kind;
    std::string_view const name = name_of(kind);
    if (name.starts_with("branch."))
        return sample_ref("feature/limits");
    if (name.starts_with("tag."))
        return sample_ref("v1.2.0");
    if (name.starts_with("repository."))
        return sample_repository_change();
    if (name.starts_with("issue."))
        return issue_detail{
            3,
            "Too slow",
            "open",
            "It takes a minute.",
            std::string(web) + "/issues/3",
            {"state", "assignee"}};
    if (name.starts_with("task."))
        return task_detail{task{5, "Write a test", task_state::open, sample_person("Grace"), 42}};
    if (name == "project.updated")
        return project_change{"API", "Old name", "New name"};
    if (name == "pipeline.finished")
        return pipeline_run{"p-1", 12, "SUCCESSFUL", "main", "PUSH"};
    return {};
}

event_detail detail_of(event_kind kind)
{
    using enum event_kind;
    std::string_view const name = name_of(kind);
    if (kind == pull_request_title_changed)
        return text_change{"Limits", "Add rate limits"};
    if (kind == pull_request_description_changed)
        return text_change{"Old text", "New text"};
    if (kind == pull_request_retargeted)
        return text_change{"main", "release/2"};
    if (kind == pull_request_reviewers_changed)
        return reviewers_change{{sample_person("Grace"), sample_person("Lin")}, {sample_person("Alan")}};
    if (kind == pull_request_commits_pushed)
        return commits_push{"90b0c1d2e3f4", "4f1c2a9be07d", false, false, sample_commits()};
    if (name.find("approv") != name.npos || name.find("changes_request") != name.npos)
        return review{sample_person("Lin")};
    if (kind == pull_request_merged || kind == pull_request_declined)
        return closing{"4f1c2a9be07d", "As agreed"};
    if (name.starts_with("comment."))
    {
        auto detail = sample_comment();
        if (kind == comment_edited)
            detail.previous_text = "Why 10?";
        return detail;
    }
    if (name.starts_with("commit."))
    {
        auto detail = sample_comment();
        detail.comment.anchor.reset();
        detail.commit = sample_commits().front().hash;
        return detail;
    }
    if (kind == build_started)
        return sample_build(build_state::started);
    if (kind == build_succeeded)
        return sample_build(build_state::succeeded);
    if (kind == build_failed)
        return sample_build(build_state::failed);
    if (kind == build_stopped)
        return sample_build(build_state::stopped);
    return other_detail(kind);
}

}  // namespace

person sample_person(std::string_view name)
{
    return {"557058:" + std::string(name), std::string(name), person_kind::user};
}

event bare_event(event_kind kind)
{
    event happened;
    happened.id = event_id("01930000-0000-7000-8000-000000000001");
    happened.kind = kind;
    happened.key = "bitbucket.org:test";
    happened.instance = "bitbucket.org";
    happened.occurred_at = parse_time("2026-11-20T09:30:00.123Z").value();
    happened.received_at = parse_time("2026-11-20T09:30:01.004Z").value();
    return happened;
}

event detailed_comment()
{
    auto happened = sample_event(event_kind::comment_added);
    auto& said = std::get<comment_detail>(happened.detail).comment;
    said.text =
        "A name says more:\n\n```suggestion\nreturn refuse();\n```\n\nand\n\n```suggestion\n```\n\n"
        "[trace.log](attachment:1/trace.log) ![](attachment:2/shot.png)";
    said.suggestions = {suggestion("return refuse();", 40, 42), suggestion("", 44, 44)};
    said.attachments = {{"trace.log", "attachment:1/trace.log"}, {"shot.png", "attachment:2/shot.png"}};
    return happened;
}

event sample_event(event_kind kind)
{
    event happened = bare_event(kind);
    std::string_view const name = name_of(kind);
    happened.actor = sample_person(name.starts_with("comment.") ? "Grace" : "Ada");
    happened.repository = repository{"{8c1d}", "acme", "api", "acme/api", "API", web};
    if (name.starts_with("pull_request.") || name.starts_with("comment.") || name.starts_with("task."))
        happened.pull_request = sample_pull_request();
    happened.detail = detail_of(kind);
    return happened;
}

}  // namespace linkspan::test
