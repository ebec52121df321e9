#pragma once
#include "cmd/linkspan/config.hpp"

#include <span>
#include <string>
#include <string_view>

namespace linkspan
{

// The words of which messages about the configuration are made.

// How much of a word from the file a message repeats.
inline constexpr std::size_t shown_bytes_max = 64;
std::string in_quotes(std::string_view word);

std::string shown_table(std::string_view table);  // "[server]", "[[source]]"
std::string shown_key(config_key const& key);     // "listen in [server]"

// "write for example listen = "127.0.0.1:14470"".
std::string shown_example(config_key const& key);

// What to write instead of an unknown word: the nearest known one, else some of those there are.
std::string advice(std::string_view word, std::span<std::string_view const> known);

// Whether a key sounds as if a secret stood behind it; then `credential_advice` is what to say.
bool looks_like_credential(std::string_view key);
inline constexpr std::string_view credential_advice =
    "credentials belong into a link, not into this file: linkspan set-creds";

std::string fault_of_unknown_key(std::string_view key, std::string_view table);

}  // namespace linkspan
