#pragma once
#include "cmd/linkspan/terminal.hpp"
#include "links/link.hpp"

#include <optional>
#include <string>
#include <vector>

namespace linkspan
{

// Longer values of fields are refused: tokens and keys are far shorter, and a wrong file may be any size.
inline constexpr std::size_t field_bytes_max = 64 * 1024;

// A field as it is given, and by what.
struct given_field
{
    std::string text;    // "key=value", "key=@file", "key=-" or "key"
    std::string option;  // "--client-secret" where it has an option of its own; empty: --kv

    given_field() = default;
    given_field(std::string text, std::string option = {}) : text(std::move(text)), option(std::move(option))
    {
    }
};

// The fields of an OAuth consumer, which have options of their own. An empty secret is asked for.
struct consumer_options
{
    std::optional<std::string> client_id;
    std::optional<std::string> client_secret;
    std::vector<std::string> scopes;
    std::optional<std::string> auth_url;
    std::optional<std::string> token_url;
};

// Those fields and what --kv gives, in one list.
std::vector<given_field> given_by(consumer_options const& consumer, std::vector<std::string> const& kv);

// Reads the values of what is given:
//   key=value   the value itself; a secret given so is taken with a warning, since other users may see it
//   key=@file   a file's content without the line end at its end
//   key=-       the same of standard input; once in a command
//   key         asked for: a secret without echo. errc::invalid where nobody sits at a terminal.
// errc::invalid for an unknown field (the message names the nearest), one given twice, one that Linkspan
// finds out by itself, and an empty required one. No message repeats a value.
result<link_fields> read_given(
    terminal& on, link_template const& kind, std::vector<given_field> const& given
);

// The same of --kv alone.
result<link_fields> read_fields(
    terminal& on, link_template const& kind, std::vector<std::string> const& given
);

}  // namespace linkspan
