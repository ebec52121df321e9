#include "core/event/cdevents.hpp"

#include "core/event/cloudevents.hpp"
#include "core/event/json.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace linkspan
{
namespace
{

namespace json = boost::json;

// What a CDEvent is about; each has its own content.
enum class cd_subject
{
    change,
    branch,
    repository,
    pipelinerun,
};

constexpr std::string_view subject_words[] = {"change", "branch", "repository", "pipelineRun"};

struct mapping
{
    event_kind kind;
    cd_subject subject;
    std::string_view type;
};

using enum event_kind;
constexpr std::string_view change_updated = "dev.cdevents.change.updated.0.2.0";
constexpr std::string_view change_reviewed = "dev.cdevents.change.reviewed.0.2.0";
constexpr std::string_view change_abandoned = "dev.cdevents.change.abandoned.0.2.0";
constexpr std::string_view repository_modified = "dev.cdevents.repository.modified.0.2.0";
constexpr std::string_view repository_made = "dev.cdevents.repository.created.0.2.0";

// A withdrawn review has no counterpart. Nor have builds: a commit status does not tell what it was that ran.
constexpr mapping mappings[] = {
    {pull_request_opened, cd_subject::change, "dev.cdevents.change.created.0.3.0"},
    {pull_request_updated, cd_subject::change, change_updated},
    {pull_request_title_changed, cd_subject::change, change_updated},
    {pull_request_description_changed, cd_subject::change, change_updated},
    {pull_request_retargeted, cd_subject::change, change_updated},
    {pull_request_reviewers_changed, cd_subject::change, change_updated},
    {pull_request_commits_pushed, cd_subject::change, change_updated},
    {pull_request_marked_draft, cd_subject::change, change_updated},
    {pull_request_marked_ready, cd_subject::change, change_updated},
    {pull_request_approved, cd_subject::change, change_reviewed},
    {pull_request_changes_requested, cd_subject::change, change_reviewed},
    {pull_request_merged, cd_subject::change, "dev.cdevents.change.merged.0.2.0"},
    {pull_request_declined, cd_subject::change, change_abandoned},
    {pull_request_reopened, cd_subject::change, change_updated},
    {pull_request_deleted, cd_subject::change, change_abandoned},
    {branch_created, cd_subject::branch, "dev.cdevents.branch.created.0.2.0"},
    {branch_deleted, cd_subject::branch, "dev.cdevents.branch.deleted.0.2.0"},
    {repository_created, cd_subject::repository, repository_made},
    {repository_updated, cd_subject::repository, repository_modified},
    {repository_renamed, cd_subject::repository, repository_modified},
    {repository_transferred, cd_subject::repository, repository_modified},
    {repository_imported, cd_subject::repository, repository_made},
    {repository_deleted, cd_subject::repository, "dev.cdevents.repository.deleted.0.2.0"},
    {pipeline_finished, cd_subject::pipelinerun, "dev.cdevents.pipelinerun.finished.0.2.0"},
};

mapping const* find_mapping(event_kind kind) noexcept
{
    auto const* const found = std::ranges::find(mappings, kind, &mapping::kind);
    return found == std::end(mappings) ? nullptr : found;
}

error no_mapping(event_kind kind)
{
    return error(
        errc::invalid,
        "CDEvents " + std::string(cdevents_version) + " has nothing for " + std::string(name_of(kind)) +
            "; docs/reference/events.md lists the kinds that it has something for"
    );
}

error nameless(event const& happening, std::string_view what)
{
    return error(
        errc::invalid,
        "the event does not tell " + std::string(what) + ", which " +
            std::string(cdevent_type(happening.kind)) + " needs"
    );
}

void add_repository(json::object& content, event const& happening)
{
    if (happening.repository)
        content["repository"] =
            json::object{{"id", happening.repository->full_name}, {"source", instance_uri(happening)}};
}

// --- subjects: id and content

result<json::object> change_subject(event const& happening)
{
    if (!happening.pull_request)
        return nameless(happening, "its pull request");
    auto const& about = *happening.pull_request;
    json::object content;
    if (happening.kind == pull_request_opened)
        content["description"] = about.description.value_or(about.title.value_or(""));
    add_repository(content, happening);
    return json::object{{"id", std::to_string(about.id)}, {"content", std::move(content)}};
}

result<json::object> branch_subject(event const& happening)
{
    auto const* change = std::get_if<ref_change>(&happening.detail);
    if (change == nullptr || change->name.empty())
        return nameless(happening, "its branch");
    json::object content;
    add_repository(content, happening);
    return json::object{{"id", change->name}, {"content", std::move(content)}};
}

result<json::object> repository_subject(event const& happening)
{
    if (!happening.repository || happening.repository->full_name.empty())
        return nameless(happening, "its repository");
    auto const& about = *happening.repository;
    json::object content;
    content["name"] = about.name.value_or(about.slug);
    content["owner"] = about.owner;
    content["url"] = about.url.value_or(source_uri(happening));
    if (about.url)
        content["viewUrl"] = *about.url;
    return json::object{{"id", about.full_name}, {"content", std::move(content)}};
}

result<json::object> pipelinerun_subject(event const& happening)
{
    auto const* run = std::get_if<pipeline_run>(&happening.detail);
    if (run == nullptr || (!run->id && !run->number))
        return nameless(happening, "its pipeline");
    json::object content;
    // Of Bitbucket's results those that CDEvents has a word for.
    for (auto const& [word, outcome] :
         {std::pair("SUCCESSFUL", "success"), std::pair("FAILED", "failure"), std::pair("ERROR", "error")})
        if (run->result == word)
            content["outcome"] = outcome;
    return json::object{
        {"id", run->id ? *run->id : std::to_string(*run->number)}, {"content", std::move(content)}};
}

constexpr result<json::object> (*subject_makers[])(event const&) = {
    change_subject, branch_subject, repository_subject, pipelinerun_subject};

}  // namespace

std::string_view cdevent_type(event_kind kind) noexcept
{
    auto const* const found = find_mapping(kind);
    return found == nullptr ? std::string_view() : found->type;
}

result<json::object> to_cdevent(event const& happening)
{
    auto const* const row = find_mapping(happening.kind);
    if (row == nullptr)
        return no_mapping(happening.kind);
    auto const index = static_cast<std::size_t>(row->subject);
    auto named = subject_makers[index](happening);
    if (!named)
        return named.error();
    bool const is_repository = row->subject == cd_subject::repository;
    json::object context;
    context["version"] = cdevents_version;
    context["id"] = happening.id.value;
    context["source"] = is_repository ? instance_uri(happening) : source_uri(happening);
    context["type"] = row->type;
    context["timestamp"] = to_rfc3339(happening.occurred_at);
    if (happening.cause)
        context["chainId"] = *happening.cause;
    json::object subject;
    subject["id"] = std::move(named->at("id"));
    subject["source"] = context["source"];
    subject["type"] = subject_words[index];
    subject["content"] = std::move(named->at("content"));
    json::object out;
    out["context"] = std::move(context);
    out["subject"] = std::move(subject);
    out["customData"] = to_json(happening);
    out["customDataContentType"] = "application/json";
    return out;
}

}  // namespace linkspan
