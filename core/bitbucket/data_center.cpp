#include "core/bitbucket/data_center.hpp"

#include "core/bitbucket/data_center_parts.hpp"

#include <algorithm>
#include <array>

namespace linkspan::data_center
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

std::string stamp_of_date(reading const& said)
{
    return said.occurred_at ? std::to_string(to_milliseconds(*said.occurred_at)) : std::string("-");
}

namespace
{

// What a delivery is about.
enum class subject
{
    own,  // its reader finds out
    repository,
    pull_request,
};

struct key_row
{
    std::string_view key;
    subject about;
    void (*read)(json_reader const& body, reading& out);
};

constexpr key_row keys[] = {
    {"repo:refs_changed", subject::repository, read_refs_changed},
    {"repo:modified", subject::own, read_repository_modified},
    {"repo:forked", subject::own, read_repository_forked},
    {"repo:comment:added", subject::repository, read_commit_comment_added},
    {"repo:comment:edited", subject::repository, read_commit_comment_edited},
    {"repo:comment:deleted", subject::repository, read_commit_comment_deleted},
    {"repo:secret_detected", subject::own, read_secret_detected},
    {"mirror:repo_synchronized", subject::repository, read_mirror_synchronized},
    {"project:modified", subject::own, read_project_modified},
    {"proj:modified", subject::own, read_project_modified},  // some of Atlassian's pages have this name
    {"pr:opened", subject::pull_request, read_opened},
    {"pr:modified", subject::pull_request, read_modified},
    {"pr:from_ref_updated", subject::pull_request, read_source_update},
    {"pr:to_ref_updated", subject::pull_request, read_target_update},
    {"pr:reviewer:updated", subject::pull_request, read_reviewers},
    {"pr:reviewer:approved", subject::pull_request, read_approval},
    {"pr:reviewer:unapproved", subject::pull_request, read_withdrawal},
    {"pr:reviewer:needs_work", subject::pull_request, read_changes_request},
    {"pr:reviewer:changes_requested", subject::pull_request, read_changes_request},
    {"pr:merged", subject::pull_request, read_merge},
    {"pr:declined", subject::pull_request, read_decline},
    {"pr:deleted", subject::pull_request, read_deletion},
    {"pr:comment:added", subject::pull_request, read_comment_added},
    {"pr:comment:edited", subject::pull_request, read_comment_edited},
    {"pr:comment:deleted", subject::pull_request, read_comment_deleted},
    // A signed ping reaches the inbox; there is nothing in it to tell.
    {"diagnostics:ping", subject::own, nullptr},
};

// Not among the keys: no webhook may have it.
constexpr key_row look_row{look_key, subject::pull_request, read_look};
constexpr key_row builds_row{builds_key, subject::repository, read_builds};

// Null where this version does not know the key.
key_row const* row_of(std::string_view event_key)
{
    if (event_key == look_key)
        return &look_row;
    if (event_key == builds_key)
        return &builds_row;
    auto const* found = std::ranges::find(keys, event_key, &key_row::key);
    return found == std::end(keys) ? nullptr : found;
}

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

bool read(std::string_view event_key, json_reader const& body, reading& out)
{
    auto const* row = row_of(event_key);
    if (row == nullptr)
        return false;
    if (row->read == nullptr)
        return true;
    out.actor = read_person(body.child("actor"));
    out.occurred_at = body.moment("date");
    if (row->about == subject::pull_request)
    {
        out.pull_request = read_pull_request(body.child("pullRequest"));
        out.is_list_whole = body.has("pullRequest/participants");
        out.repository = read_repository(body.child("pullRequest/toRef/repository"));
        out.order = body.integer("pullRequest/version");
        if (row == &look_row && !body.has("pullRequest/toRef/repository/id"))
        {
            out.repository = read_repository(body.child("repository"));
            // By its name it would be another one.
            if (!body.has("repository/id"))
                body.fail("repository/id", "is missing");
        }
        if (!out.repository)
            body.fail("pullRequest/toRef/repository", "is missing");
    }
    else if (row->about == subject::repository)
    {
        out.repository = read_repository(body.child("repository"));
        if (!out.repository)
            body.fail("repository", "is missing");
    }
    row->read(body, out);
    return true;
}

}  // namespace linkspan::data_center
