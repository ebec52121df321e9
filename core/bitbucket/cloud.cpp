#include "core/bitbucket/cloud.hpp"

#include "core/bitbucket/cloud_readers.hpp"

#include <algorithm>
#include <array>

namespace linkspan::cloud
{

claim& add_claim(reading& out, event_kind kind, claim_identity identity, std::optional<time_point> at)
{
    auto& one = out.claims.emplace_back();
    one.kind = kind;
    one.identity = identity;
    one.at = at;
    return one;
}

namespace
{

// What a key's body is about.
enum class subject
{
    repository,
    pull_request,
    other,  // the body need not name a repository
};

struct key_row
{
    std::string_view key;
    subject about;
    void (*read)(json_reader const& body, reading& out);
};

void read_opened(json_reader const&, reading& out)
{
    add_claim(out, event_kind::pull_request_opened, claim_identity::once, out.pull_request->created_at);
}

void read_updated(json_reader const&, reading& out)
{
    add_claim(out, event_kind::pull_request_updated, claim_identity::update, out.pull_request->updated_at);
}

// What the key alone tells.
template <event_kind kind>
void on_approval(json_reader const& body, reading& out)
{
    read_review(body, "approval", kind, out);
}

template <event_kind kind>
void on_changes_request(json_reader const& body, reading& out)
{
    read_review(body, "changes_request", kind, out);
}

template <event_kind kind>
void on_closing(json_reader const& body, reading& out)
{
    read_closing(body, kind, out);
}

template <comment_news news>
void on_comment(json_reader const& body, reading& out)
{
    read_comment_news(body, news, out);
}

template <event_kind kind>
void on_repository(json_reader const& body, reading& out)
{
    read_repository_event(body, kind, out);
}

template <event_kind kind>
void on_issue(json_reader const& body, reading& out)
{
    read_issue(body, kind, out);
}

using enum event_kind;

constexpr key_row keys[] = {
    {"repo:push", subject::repository, read_push},
    {"repo:commit_status_created", subject::repository, read_build},
    {"repo:commit_status_updated", subject::repository, read_build_update},
    {"repo:commit_comment_created", subject::repository, read_commit_comment},
    {"repo:fork", subject::repository, read_fork},
    {"repo:updated", subject::repository, read_repository_update},
    {"repo:transfer", subject::repository, read_transfer},
    {"repo:created", subject::repository, on_repository<repository_created>},
    {"repo:imported", subject::repository, on_repository<repository_imported>},
    {"repo:deleted", subject::repository, on_repository<repository_deleted>},
    {"project:updated", subject::other, read_project_update},
    {"pullrequest:created", subject::pull_request, read_opened},
    {"pullrequest:updated", subject::pull_request, read_updated},
    {"pullrequest:push", subject::pull_request, read_updated},
    {"pullrequest:approved", subject::pull_request, on_approval<pull_request_approved>},
    {"pullrequest:unapproved", subject::pull_request, on_approval<pull_request_approval_withdrawn>},
    {"pullrequest:changes_request_created",
     subject::pull_request,
     on_changes_request<pull_request_changes_requested>},
    {"pullrequest:changes_request_removed",
     subject::pull_request,
     on_changes_request<pull_request_changes_request_withdrawn>},
    {"pullrequest:fulfilled", subject::pull_request, on_closing<pull_request_merged>},
    {"pullrequest:rejected", subject::pull_request, on_closing<pull_request_declined>},
    {"pullrequest:comment_created", subject::pull_request, on_comment<comment_news::added>},
    {"pullrequest:comment_updated", subject::pull_request, on_comment<comment_news::edited>},
    {"pullrequest:comment_deleted", subject::pull_request, on_comment<comment_news::deleted>},
    {"pullrequest:comment_resolved", subject::pull_request, on_comment<comment_news::resolved>},
    {"pullrequest:comment_reopened", subject::pull_request, on_comment<comment_news::reopened>},
    {"issue:created", subject::repository, on_issue<issue_opened>},
    {"issue:updated", subject::repository, on_issue<issue_updated>},
    {"issue:comment_created", subject::repository, on_issue<issue_commented>},
    {"pipeline:span_created", subject::other, read_spans},
};

// Not among the keys: no webhook may have it.
constexpr key_row look_row{look_key, subject::pull_request, read_look};

// Null where this version does not know the key.
key_row const* row_of(std::string_view event_key)
{
    if (event_key == look_key)
        return &look_row;
    auto const* found = std::ranges::find(keys, event_key, &key_row::key);
    return found == std::end(keys) ? nullptr : found;
}

constexpr auto key_names = []
{
    std::array<std::string_view, std::size(keys)> out{};
    std::ranges::transform(keys, out.begin(), &key_row::key);
    return out;
}();

void move_forward(std::optional<time_point>& at, std::optional<time_point> to)
{
    if (to && (!at || *at < *to))
        at = to;
}

// Recorded: a withdrawn review and news of a comment do not always move a pull request's updated_on; what has
// no moment of its own happened when its delivery was sent.
void settle_moments(reading& out, std::optional<time_point> event_time)
{
    for (auto& one : out.claims)
        if (one.kind == event_kind::pull_request_approval_withdrawn ||
            one.kind == event_kind::pull_request_changes_request_withdrawn)
            move_forward(one.at, event_time);
    if (!out.comment || out.comment->news != comment_news::reopened)
        return;
    move_forward(out.comment->at, out.comment->comment.updated_at);
    move_forward(out.comment->at, event_time);
}

}  // namespace

std::span<std::string_view const> event_keys()
{
    return key_names;
}

bool read(
    std::string_view event_key, json_reader const& body, std::optional<time_point> event_time, reading& out
)
{
    auto const* row = row_of(event_key);
    if (row == nullptr)
        return false;
    out.actor = read_person(body.child("actor"));
    out.repository = read_repository(body.child("repository"));
    out.occurred_at = event_time;
    // Recorded: an empty one. A pull request belongs to the repository that it is to be merged into.
    bool const is_look = row == &look_row;
    if (row->about == subject::pull_request && !body.has("repository/uuid"))
    {
        auto target = read_repository(body.child("pullrequest/destination/repository"));
        if (!out.repository)
            out.repository = std::move(target);
        else if (target && (is_look || target->full_name == out.repository->full_name))
            out.repository->id = std::move(target->id);
        // By its name it would be another one.
        if (is_look && !body.has("pullrequest/destination/repository/uuid"))
            body.fail("repository/uuid", "is missing");
    }
    if (!out.repository && row->about != subject::other)
        body.fail("repository/uuid", "is missing");
    if (row->about == subject::pull_request)
    {
        auto const in = body.child("pullrequest");
        read_pull_request(in, out.pull_request.emplace());
        out.is_list_whole = in.has("participants");
        if (out.pull_request->updated_at)
        {
            out.occurred_at = out.pull_request->updated_at;
            out.order = to_milliseconds(*out.pull_request->updated_at);
        }
    }
    row->read(body, out);
    settle_moments(out, event_time);
    return true;
}

}  // namespace linkspan::cloud
