#include "core/bitbucket/cloud_readers.hpp"

#include <algorithm>

namespace linkspan::cloud
{

std::optional<person> read_person(json_reader const& in)
{
    auto const account = in.word("account_id");
    auto const uuid = in.word("uuid");
    auto name = in.word("display_name");
    if (!name)
        name = in.word("nickname");
    if (!account && !uuid && !name)
        return std::nullopt;
    person out;
    out.id = account ? *account : uuid.value_or(std::string_view());  // a deleted account has a name only
    out.name = name.value_or("somebody");
    auto const type = in.word("type");
    out.kind = type == "user"       ? person_kind::user
               : type == "app_user" ? person_kind::bot
                                    : person_kind::unknown;
    return out;
}

std::optional<repository> repository_of(
    std::optional<std::string_view> uuid, std::optional<std::string_view> full_name
)
{
    if (!uuid && !full_name)
        return std::nullopt;
    repository out;
    out.id = uuid ? *uuid : *full_name;
    out.full_name = full_name ? *full_name : *uuid;
    auto const slash = out.full_name.find('/');
    if (slash != std::string::npos)
        out.owner = out.full_name.substr(0, slash);
    out.slug = slash == std::string::npos ? out.full_name : out.full_name.substr(slash + 1);
    return out;
}

std::optional<repository> read_repository(json_reader const& in)
{
    auto out = repository_of(in.word("uuid"), in.word("full_name"));
    if (!out)
        return std::nullopt;
    out->name = in.text("name");
    out->url = in.text("links/html/href");
    return out;
}

namespace
{

std::optional<branch_tip> read_tip(json_reader const& in)
{
    auto branch = in.text("branch/name");
    if (!branch)
        return std::nullopt;
    branch_tip tip;
    tip.branch = std::move(*branch);
    tip.repository = in.word("repository/full_name").value_or("");  // null once a fork is deleted
    tip.commit = in.word("commit/hash").value_or("");
    return tip;
}

std::optional<pull_request_state> read_state(json_reader const& in)
{
    auto const word = in.word("state");
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

// Nothing where it is not known: bodies of 2017 have no `state`, and those of today say null for "pending".
std::optional<review_state> read_review_state(json_reader const& in)
{
    auto const word = in.word("state");
    if (word == "approved")
        return review_state::approved;
    if (word == "changes_requested")
        return review_state::changes_requested;
    if (word)
        return std::nullopt;
    auto const approved = in.flag("approved");
    if (approved == true)
        return review_state::approved;
    return approved || in.mentions("state") ? std::optional(review_state::pending) : std::nullopt;
}

// Bodies of 2017 have no account ids.
bool tells_accounts(json_reader const& in)
{
    for (auto const& element : in.elements("reviewers"))
        if (element.has("account_id"))
            return true;
    for (auto const& element : in.elements("participants"))
        if (element.has("user/account_id"))
            return true;
    return in.has("author/account_id");
}

// Nobody where they are not told by the id by which they are known; teams have no account, and deleted ones
// no id at all.
std::optional<person> read_known_person(json_reader const& in, bool by_account)
{
    if (by_account && in.has("uuid") && !in.has("account_id") && in.word("type") != "team")
        return std::nullopt;
    return read_person(in);
}

// `reviewers` says who is asked, `participants` who did something; a reviewer who did nothing may stand in
// the first alone. Without the second, what anybody said is not known. Without the first, or where somebody
// or their role is told by neither, who is asked is not known, and nobody was taken off.
std::optional<std::vector<participant>> read_participants(json_reader const& in)
{
    if (!in.has("reviewers"))
        return std::nullopt;
    auto const participants = in.elements("participants");
    auto const reviewers = in.elements("reviewers");
    auto const shown = participants.size() + reviewers.size();
    if (shown > participants_max)
        return std::nullopt;
    bool const by_account = tells_accounts(in);
    std::vector<person> asked;
    asked.reserve(reviewers.size());
    for (auto const& element : reviewers)
    {
        auto who = read_known_person(element, by_account);
        if (!who)
            return std::nullopt;
        asked.push_back(std::move(*who));
    }
    std::vector<participant> out;
    out.reserve(shown);
    for (auto const& element : participants)
    {
        auto who = read_known_person(element.child("user"), by_account);
        if (!who)
            return std::nullopt;
        // Deleted accounts have no id by which they could be one person.
        bool const is_asked =
            !who->id.empty() && std::ranges::find(asked, who->id, &person::id) != asked.end();
        auto const role = element.word("role");
        if (!role && !is_asked)
            return std::nullopt;
        auto& one = out.emplace_back();
        static_cast<person&>(one) = std::move(*who);
        one.role =
            is_asked || role == "REVIEWER" ? participant_role::reviewer : participant_role::participant;
        one.state = read_review_state(element);
    }
    bool const tells_reviews = in.has("participants");
    for (auto& who : asked)
    {
        if (!who.id.empty() && std::ranges::find(out, who.id, &participant::id) != out.end())
            continue;
        auto& one = out.emplace_back();
        static_cast<person&>(one) = std::move(who);
        one.role = participant_role::reviewer;
        if (tells_reviews)
            one.state = review_state::pending;
    }
    return out;
}

}  // namespace

void read_pull_request(json_reader const& in, pull_request& out)
{
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
}

namespace
{

// The actor, where nobody else is told, or where it tells the same account by its id.
std::optional<person> read_reviewer(json_reader const& in, json_reader const& actor, reading const& out)
{
    auto who = read_person(in);
    bool const is_other = in.has("uuid") && actor.has("uuid") && in.word("uuid") != actor.word("uuid");
    bool const names_better =
        !in.has("account_id") && !is_other && (actor.has("account_id") || !in.has("uuid"));
    return !who || (names_better && out.actor) ? out.actor : who;
}

}  // namespace

// `date` of a review is when it was given; a withdrawal repeats it and happened at the pull request's
// updated_on.
void read_review(json_reader const& body, std::string_view member, event_kind kind, reading& out)
{
    auto const in = body.child(member);
    auto who = read_reviewer(in.child("user"), body.child("actor"), out);
    if (!who)
        in.fail("user", "is missing");
    bool const given =
        kind == event_kind::pull_request_approved || kind == event_kind::pull_request_changes_requested;
    review detail;
    detail.reviewer = std::move(who).value_or(person());
    add_claim(out, kind, claim_identity::reviewer, given ? in.moment("date") : out.pull_request->updated_at)
        .detail = std::move(detail);
}

closing read_closed(json_reader const& in)
{
    closing out;
    out.commit = in.text("merge_commit/hash");
    auto reason = in.text("reason");
    if (reason && !reason->empty())
        out.reason = std::move(reason);
    return out;
}

void read_closing(json_reader const& body, event_kind kind, reading& out)
{
    add_claim(out, kind, claim_identity::state, out.pull_request->updated_at).detail =
        read_closed(body.child("pullrequest"));
}

}  // namespace linkspan::cloud
