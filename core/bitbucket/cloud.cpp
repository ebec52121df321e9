#include "core/bitbucket/cloud.hpp"

#include "core/bitbucket/comment_text.hpp"

#include <algorithm>
#include <array>

namespace linkspan::cloud
{
namespace
{

std::optional<person> read_person(json_reader const& in)
{
    auto const account = in.text("account_id");
    auto const uuid = in.text("uuid");
    auto name = in.text("display_name");
    if (!name)
        name = in.text("nickname");
    if (!account && !uuid && !name)
        return std::nullopt;
    person out;
    out.id = account ? *account : uuid.value_or(std::string());  // a deleted account has a name only
    out.name = name.value_or("somebody");
    auto const type = in.text("type");
    out.kind = type == "user"       ? person_kind::user
               : type == "app_user" ? person_kind::bot
                                    : person_kind::unknown;
    return out;
}

std::optional<repository> read_repository(json_reader const& in)
{
    auto const full_name = in.text("full_name");
    auto const uuid = in.text("uuid");
    if (!full_name && !uuid)
        return std::nullopt;
    repository out;
    out.id = uuid ? *uuid : *full_name;
    out.full_name = full_name ? *full_name : *uuid;
    auto const slash = out.full_name.find('/');
    out.owner = slash == std::string::npos ? std::string() : out.full_name.substr(0, slash);
    out.slug = slash == std::string::npos ? out.full_name : out.full_name.substr(slash + 1);
    out.name = in.text("name");
    out.url = in.text("links/html/href");
    return out;
}

std::optional<branch_tip> read_tip(json_reader const& in)
{
    auto const branch = in.text("branch/name");
    if (!branch)
        return std::nullopt;
    branch_tip tip;
    tip.branch = *branch;
    tip.repository = in.text("repository/full_name").value_or(std::string());  // null once a fork is deleted
    tip.commit = in.text("commit/hash").value_or(std::string());
    return tip;
}

std::optional<pull_request_state> read_state(json_reader const& in)
{
    auto const word = in.text("state");
    if (word == "OPEN")
        return pull_request_state::open;
    if (word == "MERGED")
        return pull_request_state::merged;
    if (word == "DECLINED")
        return pull_request_state::declined;
    if (word == "SUPERSEDED")
        return pull_request_state::superseded;
    return std::nullopt;
}

// `reviewers` says who is asked, `participants` who did something; a reviewer who did nothing may stand in
// the first alone.
std::optional<std::vector<participant>> read_participants(json_reader const& in)
{
    if (!in.has("participants") && !in.has("reviewers"))
        return std::nullopt;
    auto const participants = in.elements("participants");
    auto const reviewers = in.elements("reviewers");
    if (participants.size() + reviewers.size() > participants_max)
        return std::nullopt;
    std::vector<participant> out;
    for (auto const& element : participants)
    {
        auto const who = read_person(element.child("user"));
        if (!who)
            continue;
        participant one;
        static_cast<person&>(one) = *who;
        one.role =
            element.text("role") == "REVIEWER" ? participant_role::reviewer : participant_role::participant;
        auto const state = element.text("state");
        if (state == "approved" || (!state && element.flag("approved") == true))
            one.state = review_state::approved;
        else if (state == "changes_requested")
            one.state = review_state::changes_requested;
        out.push_back(std::move(one));
    }
    for (auto const& element : reviewers)
    {
        auto const who = read_person(element);
        if (!who)
            continue;
        // Deleted accounts have no id by which they could be one person.
        auto const known = std::ranges::find(out, who->id, &participant::id);
        if (known != out.end() && !who->id.empty())
        {
            known->role = participant_role::reviewer;
            continue;
        }
        participant one;
        static_cast<person&>(one) = *who;
        one.role = participant_role::reviewer;
        out.push_back(std::move(one));
    }
    return out;
}

pull_request read_pull_request(json_reader const& in)
{
    pull_request out;
    out.id = in.required_integer("id");
    out.title = in.text("title");
    out.description = in.text("description");
    out.state = read_state(in);
    out.draft = in.flag("draft");
    out.source = read_tip(in.child("source"));
    out.target = read_tip(in.child("destination"));
    out.author = read_person(in.child("author"));
    out.participants = read_participants(in);
    out.comments = in.integer("comment_count");
    out.tasks = in.integer("task_count");
    out.created_at = in.moment("created_on");
    out.updated_at = in.moment("updated_on");
    out.url = in.text("links/html/href");
    return out;
}

// Cloud: `to` is a line of the new file, `from` of the old one; start_to and start_from begin a range.
std::optional<inline_anchor> read_anchor(json_reader const& in)
{
    auto const path = in.text("path");
    if (!path)
        return std::nullopt;
    inline_anchor out;
    out.path = *path;
    if (auto const to = in.integer("to"))
    {
        out.side = diff_side::after;
        out.to = to;
        out.from = in.integer("start_to").value_or(*to);
    }
    else if (auto const from = in.integer("from"))
    {
        out.side = diff_side::before;
        out.to = from;
        out.from = in.integer("start_from").value_or(*from);
    }
    return out;
}

comment read_comment(json_reader const& in)
{
    comment out;
    out.id = in.required_integer("id");
    out.parent = in.integer("parent/id");
    out.text = in.text("content/raw");
    out.author = read_person(in.child("user"));
    out.anchor = read_anchor(in.child("inline"));
    out.created_at = in.moment("created_on");
    out.updated_at = in.moment("updated_on");
    out.url = in.text("links/html/href");
    read_comment_text(out);
    return out;
}

std::vector<commit> read_commits(json_reader const& change)
{
    std::vector<commit> out;
    for (auto const& element : change.elements("commits"))
    {
        commit one;
        one.hash = element.required_text("hash");
        one.message = element.text("message");
        one.author = element.text("author/user/display_name");
        if (!one.author)
            one.author = element.text("author/raw");
        out.push_back(std::move(one));
    }
    return out;
}

claim read_ref_change(json_reader const& change)
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
    detail.commits = read_commits(change);

    claim out;
    out.identity = claim_identity::occurrence;
    if (deleted)
        out.kind = tag ? event_kind::tag_deleted : event_kind::branch_deleted;
    else if (created)
        out.kind = tag ? event_kind::tag_created : event_kind::branch_created;
    else
        out.kind = tag ? event_kind::tag_updated : event_kind::branch_updated;
    out.stamp = detail.name + ":" + detail.before.value_or("-") + ":" + detail.after.value_or("-");
    out.detail = std::move(detail);
    return out;
}

void read_push(json_reader const& body, reading& out)
{
    if (!body.has("push/changes"))
        body.fail("push/changes", "is missing");
    for (auto const& change : body.elements("push/changes"))
    {
        // Recorded: a change with neither side, where a push only moved notes.
        if (!change.has("new") && !change.has("old"))
            continue;
        out.claims.push_back(read_ref_change(change));
    }
}

// 2017 bodies have the hash in the link alone.
std::string read_status_commit(json_reader const& status)
{
    if (auto const hash = status.text("commit/hash"))
        return *hash;
    auto const link = status.required_text("links/commit/href");
    auto const slash = link.rfind('/');
    return slash == std::string::npos ? link : link.substr(slash + 1);
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

    claim one;
    one.identity = claim_identity::occurrence;
    auto const state = status.required_text("state");
    if (state == "SUCCESSFUL")
        one.kind = event_kind::build_succeeded, detail.state = build_state::succeeded;
    else if (state == "FAILED" || state == "ERROR")
        one.kind = event_kind::build_failed, detail.state = build_state::failed;
    else if (state == "STOPPED")
        one.kind = event_kind::build_stopped, detail.state = build_state::stopped;
    else if (state == "INPROGRESS")
        one.kind = event_kind::build_started, detail.state = build_state::started;
    else
        status.fail("state", "expected SUCCESSFUL, FAILED, INPROGRESS or STOPPED");
    auto updated = status.moment("updated_on");
    if (!updated)
        updated = status.moment("created_on");
    one.at = updated;
    one.stamp =
        detail.commit + ":" + detail.key + ":" + (updated ? std::to_string(to_milliseconds(*updated)) : "-");
    one.detail = std::move(detail);
    out.claims.push_back(std::move(one));
}

// `date` of an approval is when it was given; a withdrawal repeats it and happened at the pull request's
// updated_on.
void read_review(json_reader const& body, std::string_view member, event_kind kind, reading& out)
{
    auto const in = body.child(member);
    auto who = read_person(in.child("user"));
    if (!who)
        who = out.actor;
    if (!who)
        in.fail("user", "is missing");
    claim one;
    one.kind = kind;
    one.identity = claim_identity::reviewer;
    bool const given =
        kind == event_kind::pull_request_approved || kind == event_kind::pull_request_changes_requested;
    one.at = given ? in.moment("date") : out.pull_request->updated_at;
    review detail;
    detail.reviewer = who.value_or(person());
    one.detail = std::move(detail);
    out.claims.push_back(std::move(one));
}

void read_closing(json_reader const& body, event_kind kind, reading& out)
{
    auto const in = body.child("pullrequest");
    closing detail;
    detail.commit = in.text("merge_commit/hash");
    auto const reason = in.text("reason");
    if (reason && !reason->empty())
        detail.reason = reason;
    claim one;
    one.kind = kind;
    one.identity = claim_identity::state;
    one.at = out.pull_request->updated_at;
    one.detail = std::move(detail);
    out.claims.push_back(std::move(one));
}

void read_comment_added(json_reader const& body, reading& out)
{
    auto const in = body.child("comment");
    told_comment told;
    told.comment = read_comment(in);
    if (!out.actor)
        out.actor = told.comment.author;
    // Unpublished review comments are seen by their author alone.
    if (in.flag("pending") == true || in.flag("deleted") == true)
        return;
    told.news = comment_news::added;
    told.at = told.comment.created_at;
    if (told.comment.updated_at)
        told.order = to_milliseconds(*told.comment.updated_at);
    out.comment = std::move(told);
}

void add_claim(reading& out, event_kind kind, claim_identity identity, std::optional<time_point> at)
{
    claim one;
    one.kind = kind;
    one.identity = identity;
    one.at = at;
    out.claims.push_back(std::move(one));
}

// What a key's body holds besides actor and repository.
struct key_row
{
    std::string_view key;
    bool has_pull_request;
    void (*read)(json_reader const& body, reading& out);
};

constexpr key_row keys[] = {
    {"repo:push", false, read_push},
    {"repo:commit_status_created", false, read_build},
    {"repo:commit_status_updated", false, read_build},
    {"pullrequest:created",
     true,
     [](json_reader const&, reading& out) {
         add_claim(out, event_kind::pull_request_opened, claim_identity::once, out.pull_request->created_at);
     }},
    {"pullrequest:updated",
     true,
     [](json_reader const&, reading& out) {
         add_claim(
             out, event_kind::pull_request_updated, claim_identity::update, out.pull_request->updated_at
         );
     }},
    {"pullrequest:approved",
     true,
     [](json_reader const& body, reading& out)
     { read_review(body, "approval", event_kind::pull_request_approved, out); }},
    {"pullrequest:unapproved",
     true,
     [](json_reader const& body, reading& out)
     { read_review(body, "approval", event_kind::pull_request_approval_withdrawn, out); }},
    {"pullrequest:changes_request_created",
     true,
     [](json_reader const& body, reading& out)
     { read_review(body, "changes_request", event_kind::pull_request_changes_requested, out); }},
    {"pullrequest:fulfilled",
     true,
     [](json_reader const& body, reading& out) { read_closing(body, event_kind::pull_request_merged, out); }},
    {"pullrequest:rejected",
     true,
     [](json_reader const& body, reading& out)
     { read_closing(body, event_kind::pull_request_declined, out); }},
    {"pullrequest:comment_created", true, read_comment_added},
};

constexpr auto key_names = []
{
    std::array<std::string_view, std::size(keys)> out{};
    std::ranges::transform(keys, out.begin(), &key_row::key);
    return out;
}();

}  // namespace

std::span<std::string_view const> event_keys()
{
    return key_names;
}

std::optional<reading> read(std::string_view event_key, json_reader const& body)
{
    auto const row = std::ranges::find(keys, event_key, &key_row::key);
    if (row == std::end(keys))
        return std::nullopt;
    reading out;
    out.actor = read_person(body.child("actor"));
    out.repository = read_repository(body.child("repository"));
    // Recorded: an empty one. A pull request belongs to the repository that it is to be merged into.
    if (!out.repository && row->has_pull_request)
        out.repository = read_repository(body.child("pullrequest/destination/repository"));
    if (!out.repository)
        body.fail("repository/uuid", "is missing");
    if (row->has_pull_request)
    {
        out.pull_request = read_pull_request(body.child("pullrequest"));
        out.occurred_at = out.pull_request->updated_at;
        if (out.pull_request->updated_at)
            out.order = to_milliseconds(*out.pull_request->updated_at);
    }
    row->read(body, out);
    return out;
}

}  // namespace linkspan::cloud
