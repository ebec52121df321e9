#include "core/bitbucket/cloud_readers.hpp"

namespace linkspan::cloud
{
namespace
{

std::vector<commit> read_commits(json_elements const& commits)
{
    std::vector<commit> out;
    out.reserve(commits.size());
    for (auto const& element : commits)
    {
        auto& one = out.emplace_back();
        one.hash = element.required_text("hash");
        one.message = element.text("message");
        one.author = element.text("author/user/display_name");
        if (!one.author)
            one.author = element.text("author/raw");
    }
    return out;
}

// Whether the old tip is gone from the branch, by the parents of the commits between; nothing unless every
// one of them is listed with its parents. A commit above the old tip has a parent that is the old tip or
// another one above it, so the whole list must name it.
std::optional<bool> is_rewritten(json_elements const& commits, ref_change const& change)
{
    if (!change.before || !change.after || change.commits.empty())
        return std::nullopt;
    bool names_tip = false;
    bool all_have_parents = true;
    for (auto const& element : commits)
    {
        names_tip = names_tip || same_commit(element.word("hash").value_or(""), *change.after);
        all_have_parents = all_have_parents && element.has("parents");
        for (auto const& parent : element.elements("parents"))
            if (same_commit(parent.word("hash").value_or(""), *change.before))
                return false;
    }
    if (change.truncated == false && names_tip && all_have_parents)
        return true;
    return std::nullopt;
}

void read_ref_change(json_reader const& change, reading& out)
{
    bool const deleted = !change.has("new");
    bool const created = change.flag("created").value_or(!change.has("old"));
    auto const tip = change.child(deleted ? "old" : "new");
    auto const type = tip.required_text("type");
    bool const tag = type == "tag" || type == "annotated_tag";

    ref_change detail;
    detail.name = tip.required_text("name");
    detail.before = change.text("old/target/hash");
    detail.after = change.text("new/target/hash");
    detail.forced = change.flag("forced");
    detail.truncated = change.flag("truncated");
    auto const commits = change.elements("commits");
    detail.commits = read_commits(commits);
    if (!detail.forced && !tag)
        detail.forced = is_rewritten(commits, detail);

    auto kind = tag ? event_kind::tag_updated : event_kind::branch_updated;
    if (deleted)
        kind = tag ? event_kind::tag_deleted : event_kind::branch_deleted;
    else if (created)
        kind = tag ? event_kind::tag_created : event_kind::branch_created;
    auto& one = add_claim(out, kind, claim_identity::occurrence, std::nullopt);
    one.stamp = detail.name + ":" + detail.before.value_or("-") + ":" + detail.after.value_or("-");
    one.detail = std::move(detail);
}

// 2017 bodies have the hash in the link alone.
std::string read_status_commit(json_reader const& status)
{
    if (auto hash = status.text("commit/hash"))
        return std::move(*hash);
    auto const link = status.required_text("links/commit/href");
    auto const slash = link.rfind('/');
    return slash == std::string::npos ? link : link.substr(slash + 1);
}

}  // namespace

void read_push(json_reader const& body, reading& out)
{
    if (!body.has("push/changes"))
        body.fail("push/changes", "is missing");
    for (auto const& change : body.elements("push/changes"))
    {
        // Recorded: a change with neither side, where a push only moved notes.
        if (change.has("new") || change.has("old"))
            read_ref_change(change, out);
    }
}

void read_build_update(json_reader const& body, reading& out)
{
    // Of what happened twice to one build nothing else tells the second from the first.
    body.required_text("commit_status/updated_on");
    read_build(body, out);
}

void read_build(json_reader const& body, reading& out)
{
    auto const status = body.child("commit_status");
    build detail;
    detail.commit = read_status_commit(status);
    detail.key = status.required_text("key");
    detail.name = status.text("name");
    detail.description = status.text("description");
    detail.url = status.text("url");
    detail.branch = status.text("refname");

    auto kind = event_kind::build_started;
    auto const state = status.required_text("state");
    if (state == "SUCCESSFUL")
        kind = event_kind::build_succeeded, detail.state = build_state::succeeded;
    else if (state == "FAILED" || state == "ERROR")
        kind = event_kind::build_failed, detail.state = build_state::failed;
    else if (state == "STOPPED")
        kind = event_kind::build_stopped, detail.state = build_state::stopped;
    else if (state == "INPROGRESS")
        detail.state = build_state::started;
    else
        status.fail("state", "expected SUCCESSFUL, FAILED, INPROGRESS or STOPPED");
    auto updated = status.moment("updated_on");
    if (!updated)
        updated = status.moment("created_on");
    auto& one = add_claim(out, kind, claim_identity::occurrence, updated);
    one.stamp =
        detail.commit + ":" + detail.key + ":" + (updated ? std::to_string(to_milliseconds(*updated)) : "-");
    one.detail = std::move(detail);
}

}  // namespace linkspan::cloud
