#include "core/bitbucket/data_center.hpp"

#include "core/bitbucket/comment_text.hpp"

#include <algorithm>
#include <array>

namespace linkspan::data_center
{
namespace
{

std::optional<person> read_person(json_reader const& in)
{
    auto const number = in.integer("id");
    auto const slug = in.text("slug");
    auto const login = in.text("name");
    auto const name = in.text("displayName");
    if (!number && !slug && !login && !name)
        return std::nullopt;
    person out;
    out.id = number ? std::to_string(*number) : slug ? *slug : login.value_or(std::string());
    out.name = name ? *name : login ? *login : slug.value_or("somebody");
    auto const type = in.text("type");
    out.kind = type == "NORMAL"    ? person_kind::user
               : type == "SERVICE" ? person_kind::bot
                                   : person_kind::unknown;
    return out;
}

std::optional<repository> read_repository(json_reader const& in)
{
    auto const slug = in.text("slug");
    auto const number = in.integer("id");
    auto const project = in.text("project/key");
    // A slug alone names a repository in each project.
    if (!number && !(slug && project))
        return std::nullopt;
    repository out;
    out.owner = project.value_or(std::string());
    out.slug = slug ? *slug : std::to_string(*number);
    out.full_name = project ? out.owner + "/" + out.slug : out.slug;
    out.id = number ? std::to_string(*number) : out.full_name;
    out.name = in.text("name");
    out.url = in.text("links/self/0/href");
    return out;
}

std::optional<branch_tip> read_tip(json_reader const& in)
{
    auto const branch = in.text("displayId");
    if (!branch)
        return std::nullopt;
    branch_tip tip;
    tip.branch = *branch;
    if (auto const from = read_repository(in.child("repository")))
        tip.repository = from->full_name;
    tip.commit = in.text("latestCommit").value_or(std::string());
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
    return std::nullopt;
}

void read_participants(json_reader const& in, std::string_view member, std::vector<participant>& out)
{
    for (auto const& element : in.elements(member))
    {
        auto const who = read_person(element.child("user"));
        if (!who)
            continue;
        // Deleted accounts have no id by which they could be one person.
        if (!who->id.empty() && std::ranges::find(out, who->id, &participant::id) != out.end())
            continue;
        participant one;
        static_cast<person&>(one) = *who;
        one.role = member == "reviewers" ? participant_role::reviewer : participant_role::participant;
        auto const status = element.text("status");
        if (status == "APPROVED" || (!status && element.flag("approved") == true))
            one.state = review_state::approved;
        else if (status == "NEEDS_WORK")
            one.state = review_state::changes_requested;
        out.push_back(std::move(one));
    }
}

pull_request read_pull_request(json_reader const& in)
{
    pull_request out;
    out.id = in.required_integer("id");
    out.title = in.text("title");
    out.description = in.text("description");
    out.state = read_state(in);
    out.draft = in.flag("draft");
    out.source = read_tip(in.child("fromRef"));
    out.target = read_tip(in.child("toRef"));
    out.author = read_person(in.child("author/user"));
    auto const shown = in.elements("reviewers").size() + in.elements("participants").size();
    if ((in.has("reviewers") || in.has("participants")) && shown <= participants_max)
    {
        out.participants.emplace();
        read_participants(in, "reviewers", *out.participants);
        read_participants(in, "participants", *out.participants);
    }
    out.comments = in.integer("properties/commentCount");
    out.tasks = in.integer("properties/openTaskCount");
    out.created_at = in.moment("createdDate");
    out.updated_at = in.moment("updatedDate");
    out.url = in.text("links/self/0/href");
    return out;
}

std::optional<inline_anchor> read_anchor(json_reader const& in)
{
    auto const path = in.text("path");
    if (!path)
        return std::nullopt;
    inline_anchor out;
    out.path = *path;
    if (auto const line = in.integer("line"))
    {
        // Lines of the old file are those of a REMOVED line, or of fileType FROM.
        bool const old_side = in.text("lineType") == "REMOVED" || in.text("fileType") == "FROM";
        out.side = old_side ? diff_side::before : diff_side::after;
        out.to = line;
        out.from = in.integer("multilineMarker/startLine").value_or(*line);
    }
    return out;
}

std::vector<commit> read_commits(json_reader const& body)
{
    std::vector<commit> out;
    for (auto const& element : body.elements("commits"))
    {
        commit one;
        one.hash = element.required_text("id");
        one.message = element.text("message");
        one.author = element.text("author/displayName");
        if (!one.author)
            one.author = element.text("author/name");
        out.push_back(std::move(one));
    }
    return out;
}

std::optional<std::string> real_hash(std::optional<std::string> hash)
{
    if (hash && hash->find_first_not_of('0') == std::string::npos)
        return std::nullopt;
    return hash;
}

void read_refs_changed(json_reader const& body, reading& out)
{
    if (!body.has("changes"))
        body.fail("changes", "is missing");
    auto const changes = body.elements("changes");
    for (auto const& change : changes)
    {
        bool const tag = change.required_text("ref/type") == "TAG";
        ref_change detail;
        detail.name = change.required_text("ref/displayId");
        detail.before = real_hash(change.text("fromHash"));
        detail.after = real_hash(change.text("toHash"));
        // 9.x and later list the commits of the whole push; they belong to a ref for sure only where there is
        // one.
        if (changes.size() == 1)
            detail.commits = read_commits(body);

        claim one;
        one.identity = claim_identity::occurrence;
        auto const type = change.required_text("type");
        if (type == "ADD")
            one.kind = tag ? event_kind::tag_created : event_kind::branch_created;
        else if (type == "DELETE")
            one.kind = tag ? event_kind::tag_deleted : event_kind::branch_deleted;
        else if (type == "UPDATE")
            one.kind = tag ? event_kind::tag_updated : event_kind::branch_updated;
        else
            change.fail("type", "expected ADD, UPDATE or DELETE");
        one.stamp = detail.name + ":" + detail.before.value_or("-") + ":" + detail.after.value_or("-");
        one.detail = std::move(detail);
        out.claims.push_back(std::move(one));
    }
}

void read_comment_added(json_reader const& body, reading& out)
{
    auto const in = body.child("comment");
    comment said;
    said.id = in.required_integer("id");
    said.parent = body.integer("commentParentId");
    said.text = in.text("text");
    said.author = read_person(in.child("author"));
    said.anchor = read_anchor(in.child("anchor"));
    said.created_at = in.moment("createdDate");
    said.updated_at = in.moment("updatedDate");
    read_comment_text(said);
    if (!out.actor)
        out.actor = said.author;
    if (in.text("state") == "PENDING")
        return;

    told_comment told;
    told.news = comment_news::added;
    told.at = said.created_at;
    told.order = in.integer("version");
    // Tasks are comments of severity BLOCKER since 7.2.
    if (in.text("severity") == "BLOCKER")
        told.task = in.text("state") == "RESOLVED" ? task_state::resolved : task_state::open;
    told.comment = std::move(said);
    out.comment = std::move(told);
}

void read_review(json_reader const& body, event_kind kind, reading& out)
{
    auto who = read_person(body.child("participant/user"));
    if (!who)
        who = out.actor;
    if (!who)
        body.fail("participant/user", "is missing");
    claim one;
    one.kind = kind;
    one.identity = claim_identity::reviewer;
    review detail;
    detail.reviewer = who.value_or(person());
    one.detail = std::move(detail);
    out.claims.push_back(std::move(one));
}

// Both withdrawals have one key; the status before tells them apart.
void read_withdrawal(json_reader const& body, reading& out)
{
    bool const asked_for_changes = body.text("previousStatus") == "NEEDS_WORK";
    auto const kind = asked_for_changes ? event_kind::pull_request_changes_request_withdrawn
                                        : event_kind::pull_request_approval_withdrawn;
    read_review(body, kind, out);
}

void read_source_update(json_reader const& body, reading& out)
{
    commits_push detail;
    detail.before = body.text("previousFromHash");
    if (out.pull_request->source)
        detail.after = out.pull_request->source->commit;
    else
        body.fail("pullRequest/fromRef", "is missing");
    claim one;
    one.kind = event_kind::pull_request_commits_pushed;
    one.identity = claim_identity::source;
    one.detail = std::move(detail);
    out.claims.push_back(std::move(one));
}

void read_closing(json_reader const& body, event_kind kind, reading& out)
{
    closing detail;
    detail.commit = body.text("pullRequest/properties/mergeCommit/id");
    claim one;
    one.kind = kind;
    one.identity = claim_identity::state;
    one.at = body.moment("pullRequest/closedDate");
    one.detail = std::move(detail);
    out.claims.push_back(std::move(one));
}

void read_opened(json_reader const&, reading& out)
{
    claim one;
    one.kind = event_kind::pull_request_opened;
    one.identity = claim_identity::once;
    one.at = out.pull_request->created_at;
    out.claims.push_back(std::move(one));
}

struct key_row
{
    std::string_view key;
    bool has_pull_request;
    void (*read)(json_reader const& body, reading& out);
};

constexpr key_row keys[] = {
    // A signed ping reaches the inbox; there is nothing in it to tell.
    {"diagnostics:ping", false, nullptr},
    {"repo:refs_changed", false, read_refs_changed},
    {"pr:opened", true, read_opened},
    {"pr:from_ref_updated", true, read_source_update},
    {"pr:comment:added", true, read_comment_added},
    {"pr:reviewer:approved",
     true,
     [](json_reader const& body, reading& out)
     { read_review(body, event_kind::pull_request_approved, out); }},
    {"pr:reviewer:needs_work",
     true,
     [](json_reader const& body, reading& out)
     { read_review(body, event_kind::pull_request_changes_requested, out); }},
    {"pr:reviewer:unapproved", true, read_withdrawal},
    {"pr:merged",
     true,
     [](json_reader const& body, reading& out) { read_closing(body, event_kind::pull_request_merged, out); }},
    {"pr:declined",
     true,
     [](json_reader const& body, reading& out)
     { read_closing(body, event_kind::pull_request_declined, out); }},
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
    if (row->read == nullptr)
        return reading();
    reading out;
    out.actor = read_person(body.child("actor"));
    out.occurred_at = body.moment("date");
    if (row->has_pull_request)
    {
        out.pull_request = read_pull_request(body.child("pullRequest"));
        out.repository = read_repository(body.child("pullRequest/toRef/repository"));
        out.order = body.integer("pullRequest/version");
        if (!out.repository)
            body.fail("pullRequest/toRef/repository", "is missing");
    }
    else
    {
        out.repository = read_repository(body.child("repository"));
        if (!out.repository)
            body.fail("repository", "is missing");
    }
    row->read(body, out);
    return out;
}

}  // namespace linkspan::data_center
