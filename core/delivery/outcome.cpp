#include "core/delivery/outcome.hpp"

namespace linkspan
{

std::string_view name_of(outcome_kind kind) noexcept
{
    switch (kind)
    {
        case outcome_kind::accepted:
            return "accepted";
        case outcome_kind::retry_after:
            return "retry_after";
        case outcome_kind::rejected_message:
            return "rejected_message";
        case outcome_kind::rejected_destination:
            return "rejected_destination";
        case outcome_kind::unknown:
            return "unknown";
    }
    return "unknown";
}

}  // namespace linkspan
