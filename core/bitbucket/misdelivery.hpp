#pragma once
#include "core/bitbucket/json_reader.hpp"
#include "core/event/event.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace linkspan
{

// The edition of a delivery that came as one of the other edition, as its event key alone tells; nothing
// where it does not tell, and for the Post Webhooks add-on for Data Center, whose keys are Cloud's.
std::optional<edition> other_edition(edition receiving, std::string_view event_key, json_reader const& body);

// Why an event key that a link of this edition does not know (or that is empty) came to it, and what to do:
// it is of the other edition, or of the Post Webhooks add-on for Data Center. Says just that the key is not
// known where nothing explains it.
std::string why_unknown(edition receiving, std::string_view event_key, json_reader const& body);

}  // namespace linkspan
