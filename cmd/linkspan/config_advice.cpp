#include "cmd/linkspan/config_advice.hpp"

#include "core/base/nearest.hpp"
#include "core/base/utf8.hpp"

#include <algorithm>
#include <array>

namespace linkspan
{
namespace
{

constexpr std::size_t known_max = 20;

}  // namespace

std::string in_quotes(std::string_view word)
{
    return "\"" + single_line(word, shown_bytes_max) + "\"";
}

std::string shown_table(std::string_view table)
{
    return table == "server" ? "[server]" : "[[" + std::string(table) + "]]";
}

std::string shown_key(config_key const& key)
{
    return std::string(key.name) + " in " + shown_table(key.table);
}

std::string shown_example(config_key const& key)
{
    auto const value = key.example.empty() ? key.default_text : key.example;
    return "write for example " + std::string(key.name) + " = " + std::string(value);
}

std::string advice(std::string_view word, std::span<std::string_view const> known)
{
    // The distance costs the product of the lengths.
    auto const near = word.size() > shown_bytes_max ? std::string_view() : nearest(word, known);
    if (!near.empty())
        return "did you mean " + in_quotes(near) + "?";
    std::string all;
    for (auto const one : known.first(std::min(known.size(), known_max)))
        all += (all.empty() ? "" : ", ") + single_line(one, shown_bytes_max);
    return "there are: " + all + (known.size() > known_max ? ", ..." : "");
}

bool looks_like_credential(std::string_view key)
{
    static constexpr std::array<std::string_view, 9> words = {
        "token",
        "secret",
        "password",
        "passwd",
        "credential",
        "apikey",
        "api_key",
        "private_key",
        "authorization"};
    std::string lower(key);
    for (char& c : lower)
        c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    std::ranges::replace(lower, '-', '_');
    return std::ranges::any_of(words, [&](auto word) { return lower.find(word) != std::string::npos; });
}

std::string fault_of_unknown_key(std::string_view key, std::string_view table)
{
    std::string const start = "unknown key " + in_quotes(key) + " in " + shown_table(table) + "; ";
    if (looks_like_credential(key))
        return start + std::string(credential_advice);
    std::vector<std::string_view> names;
    for (auto const& known : config_keys())
        if (known.table == table)
            names.push_back(known.name);
    return start + advice(key, names);
}

}  // namespace linkspan
