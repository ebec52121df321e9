#include "core/bitbucket/cloud_readers.hpp"
#include "core/bitbucket/content_stamp.hpp"

namespace linkspan::cloud
{
namespace
{

// Old and new of one of `changes`, where they differ.
std::optional<text_change> read_change(json_reader const& body, std::string_view field)
{
    auto const in = body.child("changes").child(field);
    text_change out;
    out.before = in.text("old");
    out.after = in.text("new");
    return out.before == out.after ? std::nullopt : std::optional(std::move(out));
}

std::string milliseconds_or(std::optional<time_point> moment, std::string otherwise)
{
    return moment ? std::to_string(to_milliseconds(*moment)) : otherwise;
}

}  // namespace

void read_fork(json_reader const& body, reading& out)
{
    auto const in = body.child("fork");
    repository_change detail;
    detail.fork = read_repository(in);
    if (!detail.fork)
        return in.fail("uuid", "is missing");
    auto& one =
        add_claim(out, event_kind::repository_forked, claim_identity::occurrence, in.moment("created_on"));
    one.stamp = detail.fork->id;
    one.detail = std::move(detail);
}

void read_repository_update(json_reader const& body, reading& out)
{
    if (!body.has("changes"))
        return body.fail("changes", "is missing");
    repository_change detail;
    detail.fields = body.names("changes");
    auto kind = event_kind::repository_updated;
    // A repository that is renamed has a new slug, too: the fullest name tells most.
    for (auto const* field : {"full_name", "slug", "name"})
        if (auto change = read_change(body, field))
        {
            kind = event_kind::repository_renamed;
            detail.before = std::move(change->before);
            detail.after = std::move(change->after);
            break;
        }
    auto& one = add_claim(out, kind, claim_identity::occurrence, std::nullopt);
    one.stamp = stamp_of_content(body.json("changes"), out);
    one.detail = std::move(detail);
}

void read_transfer(json_reader const& body, reading& out)
{
    auto const in = body.child("previous_owner");
    repository_change detail;
    detail.before = in.text("username");
    if (!detail.before)
        detail.before = in.text("nickname");
    if (!detail.before)
        detail.before = in.text("display_name");
    if (out.repository && !out.repository->owner.empty())
        detail.after = out.repository->owner;
    auto const from = read_person(in);
    auto const content = (from ? from->id : std::string()) + "\n" + detail.before.value_or(std::string()) +
                         "\n" + detail.after.value_or(std::string());
    auto& one = add_claim(out, event_kind::repository_transferred, claim_identity::occurrence, std::nullopt);
    one.stamp = stamp_of_content(content, out);
    one.detail = std::move(detail);
}

// Happens once to a repository: its id is stamp enough.
void read_repository_event(json_reader const& body, event_kind kind, reading& out)
{
    auto const at =
        kind == event_kind::repository_deleted ? std::nullopt : body.moment("repository/created_on");
    add_claim(out, kind, claim_identity::occurrence, at).detail = repository_change();
}

void read_project_update(json_reader const& body, reading& out)
{
    auto const in = body.child("project");
    project_change detail;
    detail.key = in.text("key");
    auto const id = in.text("uuid");
    if (!detail.key && !id)
        return in.fail("key", "is missing");
    if (auto change = read_change(body, "name"))
    {
        detail.before = std::move(change->before);
        detail.after = std::move(change->after);
    }
    auto const content = body.json(body.has("changes") ? "changes" : "project");
    auto& one = add_claim(out, event_kind::project_updated, claim_identity::occurrence, std::nullopt);
    one.stamp = (id ? *id : *detail.key) + ":" + stamp_of_content(content, out);
    one.detail = std::move(detail);
}

// The issue tracker was removed from Bitbucket on 2026-08-20.
void read_issue(json_reader const& body, event_kind kind, reading& out)
{
    auto const in = body.child("issue");
    issue_detail detail;
    detail.id = in.required_integer("id");
    detail.title = in.text("title");
    detail.state = in.text("state");
    detail.url = in.text("links/html/href");
    auto comment = body.text("comment/content/raw");
    if (comment && !comment->empty())
        detail.comment = std::move(comment);
    auto const updated = in.moment("updated_on");
    auto at = updated;
    auto stamp = std::to_string(detail.id);
    if (kind == event_kind::issue_opened)
        at = in.moment("created_on");
    else if (kind == event_kind::issue_updated)
    {
        detail.fields = body.names("changes");
        stamp += ":" + milliseconds_or(updated, stamp_of_content(body.json("changes"), out));
    }
    else
    {
        at = body.moment("comment/created_on");
        stamp += ":" + std::to_string(body.required_integer("comment/id"));
    }
    auto& one = add_claim(out, kind, claim_identity::occurrence, at);
    one.stamp = std::move(stamp);
    one.detail = std::move(detail);
}

}  // namespace linkspan::cloud
