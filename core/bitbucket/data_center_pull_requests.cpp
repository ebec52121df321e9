#include "core/bitbucket/data_center_parts.hpp"

#include <algorithm>

namespace linkspan::data_center
{

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

namespace
{

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

// Nothing where it is not known.
std::optional<review_state> read_review_state(json_reader const& in)
{
    auto const status = in.text("status");
    if (status == "APPROVED")
        return review_state::approved;
    if (status == "NEEDS_WORK")
        return review_state::changes_requested;
    if (status == "UNAPPROVED")
        return review_state::pending;
    auto const approved = status ? std::nullopt : in.flag("approved");
    if (!approved)
        return std::nullopt;
    return *approved ? review_state::approved : review_state::pending;
}

// The list tells the role. False where somebody in it is not told, or not by the id by which they are known;
// deleted accounts have none by which they could be one person.
bool read_participants(json_reader const& in, std::string_view member, std::vector<participant>& out)
{
    for (auto const& element : in.elements(member))
    {
        auto const who = read_person(element.child("user"));
        if (!who || (!who->id.empty() && !element.has("user/id")))
            return false;
        if (!who->id.empty() && std::ranges::find(out, who->id, &participant::id) != out.end())
            continue;
        participant one;
        static_cast<person&>(one) = *who;
        one.role = member == "reviewers" ? participant_role::reviewer : participant_role::participant;
        one.state = read_review_state(element);
        out.push_back(std::move(one));
    }
    return true;
}

}  // namespace

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
    if (in.has("reviewers") && shown <= participants_max)
    {
        std::vector<participant> all;
        if (read_participants(in, "reviewers", all) && read_participants(in, "participants", all))
            out.participants = std::move(all);
    }
    out.comments = in.integer("properties/commentCount");
    out.tasks = in.integer("properties/openTaskCount");
    out.created_at = in.moment("createdDate");
    out.updated_at = in.moment("updatedDate");
    out.url = in.text("links/self/0/href");
    return out;
}

void read_opened(json_reader const&, reading& out)
{
    claim one;
    one.kind = event_kind::pull_request_opened;
    one.identity = claim_identity::once;
    one.at = out.pull_request->created_at;
    out.claims.push_back(std::move(one));
}

// A description of nothing is sent as null before, and left out after.
void read_modified(json_reader const& body, reading& out)
{
    pull_request before;
    before.id = out.pull_request->id;
    before.title = body.text("previousTitle");
    before.description = body.text("previousDescription");
    before.target = read_tip(body.child("previousTarget"));
    before.draft = body.flag("previousDraft");
    if (body.mentions("previousDescription"))
    {
        if (!before.description)
            before.description.emplace();
        if (!out.pull_request->description)
            out.pull_request->description.emplace();
    }
    if (before.title || before.description || before.target || before.draft)
        out.before = std::move(before);
    claim one;
    one.kind = event_kind::pull_request_updated;
    one.identity = claim_identity::update;
    one.at = out.pull_request->updated_at;
    out.claims.push_back(std::move(one));
}

namespace
{

std::vector<person> read_people(json_reader const& body, std::string_view member)
{
    std::vector<person> out;
    for (auto const& element : body.elements(member))
        if (auto who = read_person(element))
            out.push_back(std::move(*who));
    return out;
}

}  // namespace

void read_reviewers(json_reader const& body, reading& out)
{
    out.reviewers.emplace();
    out.reviewers->added = read_people(body, "addedReviewers");
    out.reviewers->removed = read_people(body, "removedReviewers");
}

namespace
{

// The actor, where nobody else is told, or where it tells the same account by its id.
std::optional<person> read_reviewer(json_reader const& body, reading const& out)
{
    auto who = read_person(body.child("participant/user"));
    bool const is_other = body.has("participant/user/slug") && body.has("actor/slug") &&
                          body.text("participant/user/slug") != body.text("actor/slug");
    bool const names_better = body.has("actor/id") && !body.has("participant/user/id") && !is_other;
    return !who || names_better ? out.actor : who;
}

void read_review(json_reader const& body, event_kind kind, reading& out)
{
    auto who = read_reviewer(body, out);
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

}  // namespace

void read_approval(json_reader const& body, reading& out)
{
    read_review(body, event_kind::pull_request_approved, out);
}

void read_changes_request(json_reader const& body, reading& out)
{
    read_review(body, event_kind::pull_request_changes_requested, out);
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

// Commits on the target are no event of the pull request; a target that is another branch is found by
// comparison.
void read_target_update(json_reader const&, reading&) {}

namespace
{

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

}  // namespace

void read_merge(json_reader const& body, reading& out)
{
    read_closing(body, event_kind::pull_request_merged, out);
}

void read_decline(json_reader const& body, reading& out)
{
    read_closing(body, event_kind::pull_request_declined, out);
}

void read_deletion(json_reader const&, reading& out)
{
    claim one;
    one.kind = event_kind::pull_request_deleted;
    one.identity = claim_identity::once;
    out.claims.push_back(std::move(one));
}

}  // namespace linkspan::data_center
