#include "core/bitbucket/data_center_parts.hpp"
#include "core/bitbucket/look.hpp"

namespace linkspan::data_center
{
namespace
{

constexpr std::string_view branch_prefix = "refs/heads/";

// Nothing for UNKNOWN, and for words of later versions: they tell neither a beginning nor an end.
std::optional<std::pair<event_kind, build_state>> meaning_of(std::string_view state)
{
    if (state == "INPROGRESS")
        return std::pair(event_kind::build_started, build_state::started);
    if (state == "SUCCESSFUL")
        return std::pair(event_kind::build_succeeded, build_state::succeeded);
    if (state == "FAILED")
        return std::pair(event_kind::build_failed, build_state::failed);
    if (state == "CANCELLED")
        return std::pair(event_kind::build_stopped, build_state::stopped);
    return std::nullopt;
}

// "dateAdded" before 9.0.
std::optional<time_point> last_change_of(json_reader const& in)
{
    for (auto const* name : {"updatedDate", "dateAdded", "createdDate"})
        if (auto const at = in.moment(name))
            return at;
    return std::nullopt;
}

}  // namespace

// The keys are those that Cloud's builds have.
void read_builds(json_reader const& body, reading& out)
{
    // By its name it would be another repository.
    if (!body.has("repository/id"))
        body.fail("repository/id", "is missing");
    auto const commit = body.required_text("commit");
    out.occurred_at = required_moment(body, "asked_at");
    out.builds_since = required_moment(body, "since");
    for (auto const& in : body.elements("builds"))
    {
        auto const meaning = meaning_of(in.word("state").value_or(std::string_view()));
        auto const changed_at = last_change_of(in);
        // Without a moment nothing tells a second run from the first.
        if (!meaning || !changed_at || out.claims.size() == shown_builds_max)
            continue;
        build detail;
        detail.commit = commit;
        detail.key = in.required_text("key");
        detail.name = in.text("name");
        detail.description = in.text("description");
        detail.url = in.text("url");
        detail.state = meaning->second;
        auto const ref = in.text("ref");
        if (ref && ref->starts_with(branch_prefix))
            detail.branch = ref->substr(branch_prefix.size());
        auto& one = out.claims.emplace_back();
        one.kind = meaning->first;
        one.identity = claim_identity::occurrence;
        one.stamp = commit + ":" + detail.key + ":" + std::to_string(to_milliseconds(*changed_at));
        one.at = changed_at;
        one.detail = std::move(detail);
    }
}

}  // namespace linkspan::data_center
