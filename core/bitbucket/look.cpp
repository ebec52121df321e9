#include "core/bitbucket/look.hpp"

namespace linkspan
{

void read_bounds(json_reader const& body, reading& out)
{
    auto& shown = *out.look;
    auto const asked_at = body.moment("asked_at");
    if (!asked_at)
        body.fail("asked_at", "is missing");
    shown.asked_at = asked_at.value_or(time_point());
    shown.since = body.moment("since").value_or(time_point());
    // Neither reviews nor comments move the moment that a pull request tells of itself.
    out.occurred_at = shown.asked_at;
    auto const created_at = out.pull_request->created_at;
    if (!created_at || *created_at < shown.since)
        return;
    auto& opened = out.claims.emplace_back();
    opened.kind = event_kind::pull_request_opened;
    opened.identity = claim_identity::once;
    opened.at = created_at;
}

bool is_listed(json_reader const& body, std::string_view array, std::string_view word)
{
    for (auto const& one : body.elements(array))
        if (one.is_word(word))
            return true;
    return false;
}

}  // namespace linkspan
