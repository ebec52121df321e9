#include "core/bitbucket/look.hpp"

namespace linkspan
{

time_point required_moment(json_reader const& body, std::string_view name)
{
    auto const told = body.moment(name);
    if (!told)
        body.fail(name, "is missing");
    return told.value_or(time_point());
}

void read_bounds(json_reader const& body, reading& out)
{
    auto& shown = *out.look;
    shown.asked_at = required_moment(body, "asked_at");
    shown.since = required_moment(body, "since");
    shown.folds = body.flag("folds").value_or(false);
    pull_request unasked;
    unasked.id = out.pull_request->id;
    shown.shows_fields = out.order || *out.pull_request != unasked;
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

void require_positive_id(json_reader const& in, shown_comment const& shown)
{
    if (shown.comment.id <= 0)
        in.fail("id", "expected an integer above 0");
}

bool is_listed(json_reader const& body, std::string_view array, std::string_view word)
{
    for (auto const& one : body.elements(array))
        if (one.is_word(word))
            return true;
    return false;
}

}  // namespace linkspan
