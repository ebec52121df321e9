#pragma once
#include "cmd/linkspan/profile_store.hpp"
#include "core/oauth/grant.hpp"
#include "links/link.hpp"
#include "store/sealing.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace linkspan
{

// What was found out about a link, at one moment.
struct link_evidence
{
    link_row row;
    link_template const* kind = nullptr;  // never null
    link_fields fields;
    std::optional<error> fields_failure;  // they do not open
    std::optional<sealing_key> key;
    linkspan::grant grant;
    std::optional<error> token_failure;  // an OAuth link gave no token
    std::optional<link_identity> identity;
    std::optional<error> identity_failure;
    milliseconds took{0};    // the call of identify
    time_point heard_at;     // its answer, by this machine's clock
    std::string public_url;  // empty: not known

    link_evidence() = default;
    bool was_asked() const { return identity || identity_failure || token_failure; }
};

enum class diagnosis_kind
{
    ok,
    warning,
    fault,
};
std::string_view name_of(diagnosis_kind kind) noexcept;

// One line of check-link.
struct diagnosis
{
    diagnosis_kind kind = diagnosis_kind::ok;
    std::string subject;  // "fields", "scopes", "clock", ...
    std::string message;
    std::string advice;      // what to do; empty: nothing
    errc code = errc::none;  // of a fault

    diagnosis(diagnosis_kind kind, std::string subject, std::string message, std::string advice = {})
        : kind(kind), subject(std::move(subject)), message(std::move(message)), advice(std::move(advice))
    {
    }
};

// A clock may differ by this much: signatures and ends of tokens are judged by it.
inline constexpr milliseconds clock_skew_max{30'000};
// A credential that only a person can renew is told of this long before its end.
inline constexpr milliseconds expiry_warning{std::int64_t(14) * 24 * 3600 * 1000};

// Judges a link. Pure: the same evidence gives the same lines, in the order in which they are read.
std::vector<diagnosis> diagnose(link_evidence const& of, time_point now);

}  // namespace linkspan
