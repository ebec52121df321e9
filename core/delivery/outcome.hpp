#pragma once
#include "core/base/time.hpp"

#include <optional>
#include <string>

namespace linkspan
{

// What became of one attempt to send one message.
enum class outcome_kind
{
    accepted,              // The service has it.
    retry_after,           // The service is busy or said "later"; it does not have it.
    rejected_message,      // This message will never be taken; others may.
    rejected_destination,  // The token or the channel is at fault: no message gets through until somebody
                           // acts.
    unknown,               // Sent, perhaps; no answer was heard. The service may have it.
};

struct outcome
{
    outcome_kind kind = outcome_kind::unknown;
    std::string detail;          // What happened, in one line, without secrets. For the history and the log.
    std::string advice;          // What a person can do about it; empty where there is nothing.
    std::string reference;       // The service's name for the message (Slack's ts), when accepted.
    bool token_refused = false;  // the service refuses the credential: a new one may help
    std::optional<milliseconds> wait;  // retry_after: as long as the service asked for, if it did.

    outcome() = default;
    outcome(outcome_kind kind, std::string detail) : kind(kind), detail(std::move(detail)) {}
};

// "accepted", "retry_after", ...: in the store, in metrics and in logs.
std::string_view name_of(outcome_kind kind) noexcept;

}  // namespace linkspan
