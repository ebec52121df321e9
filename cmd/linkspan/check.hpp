#pragma once
#include "cmd/linkspan/config.hpp"
#include "cmd/linkspan/keys.hpp"
#include "cmd/linkspan/profile_store.hpp"
#include "cmd/linkspan/terminal.hpp"

#include <string>
#include <vector>

namespace linkspan
{

enum class finding_kind
{
    fault,    // linkspan serve cannot work so
    warning,  // it works, but perhaps not as meant
    note,
};

struct finding
{
    finding_kind kind = finding_kind::fault;
    std::string place;  // "config.toml:12"; empty: nowhere in a file
    std::string message;
};

std::string_view name_of(finding_kind kind) noexcept;

// Judges a configuration against the store: that each link exists and fits its use, that its fields are
// there, open with the master key and satisfy its template, and that something can be reached. Errors are
// those of the store.
result<std::vector<finding>> check_links(transaction& tx, config const& asked, key_reader& keys);

// The same where there is no store yet, hence no link.
std::vector<finding> check_without_links(config const& asked);

// `linkspan check`: prints a line for each finding, where the master key lives, and a summary. errc::invalid
// where there is a fault.
result<> check(terminal& on, command_options const& options);

}  // namespace linkspan
