#pragma once
#include "cmd/linkspan/profile_store.hpp"
#include "cmd/linkspan/terminal.hpp"

#include <optional>
#include <string>
#include <vector>

namespace linkspan
{

struct one_link_options : command_options
{
    std::string link;
};

// `linkspan get-creds LINK [FIELD]`: the fields that are set and the tokens. Secrets are masked, unless
// `reveals`; then the audit says who saw them. One field is printed bare, for scripts. errc::not_found where
// it is not set.
struct get_creds_options : one_link_options
{
    std::string field;
    bool reveals = false;
};
result<> get_creds(terminal& on, get_creds_options const& options);

// What of a secret is shown: its ends where the middle is long enough, else nothing. Never how long it is.
std::string masked(std::string_view secret_text);

// `linkspan unset-creds LINK FIELD...`: errc::not_found where none of them is set.
struct unset_creds_options : one_link_options
{
    std::vector<std::string> fields;
    bool forgets_tokens = false;
};
result<> unset_creds(terminal& on, unset_creds_options const& options);

// `linkspan get-meta LINK`: what is known of a link and is no secret.
result<> show_facts(terminal& on, one_link_options const& options);

// `linkspan refresh-link LINK`: a new token now, whatever the age of the one in use.
result<> refresh_link(terminal& on, one_link_options const& options);

// `linkspan check-link LINK`: the doctor of one link. Prints a line for each thing that it looked at,
// remembers what the service said, and fails with the code of the first fault.
struct check_link_options : one_link_options
{
    bool post = false;  // post a test message where nothing else shows whether the link works
};
result<> check_link(terminal& on, check_link_options const& options);

// `linkspan audit [LINK]`: who used which link when. `since`: a moment (RFC 3339), a day, or how long ago
// ("12h", "30d").
struct audit_options : one_link_options
{
    std::string since;
    std::int64_t limit = 200;
};
result<> show_uses(terminal& on, audit_options const& options);

}  // namespace linkspan
