#include "cmd/linkspan/config_advice.hpp"
#include "cmd/linkspan/config_values.hpp"
#include "core/base/utf8.hpp"
#include "core/route/glob.hpp"
#include "core/route/rule.hpp"

#include <algorithm>
#include <array>

namespace linkspan
{
namespace
{

constexpr std::size_t pattern_bytes_max = 64;  // of kinds and teams

error empty_pattern()
{
    return invalid("has an empty pattern, which matches nothing; remove it, or write \"**\" for everything");
}

// What tells a name or an e-mail address from an id of Bitbucket, which is one word of plain letters and
// digits.
result<> judge_id(std::string_view text)
{
    static constexpr std::string_view where =
        "write the id that stands in \"actor\" of linkspan events show, as in "
        "\"557058:11112222-3333-4444-5555-"
        "666677778888\" or \"42\"";
    bool const is_plain = std::ranges::all_of(
        text,
        [](char c) { return static_cast<unsigned char>(c) > ' ' && static_cast<unsigned char>(c) < 0x7f; }
    );
    if (!is_plain)
        return invalid(
            "has " + in_quotes(text) +
            ", which looks like a display name, and names change and are shared; " + std::string(where)
        );
    if (text.find('@') != std::string_view::npos)
        return invalid(
            "has " + in_quotes(text) + ", which looks like an e-mail address, and events carry none; " +
            std::string(where)
        );
    return {};
}

}  // namespace

result<> judge_repository_glob(std::string& text)
{
    if (text.empty())
        return empty_pattern();
    // A name has exactly one '/': a pattern that cannot match one is a mistake, and the most common one is
    // "*".
    if (text.find('/') == std::string::npos && text.find("**") == std::string::npos)
        return invalid(
            "has the pattern " + in_quotes(text) +
            ", which matches no repository, as they are named owner/slug; write for example \"acme/*\" or "
            "\"**\""
        );
    return {};
}

result<> judge_branch_glob(std::string& text)
{
    if (text.empty())
        return empty_pattern();
    return {};
}

result<> judge_path_glob(std::string& text)
{
    if (text.empty())
        return empty_pattern();
    if (text.ends_with('/'))
        return invalid(
            "has the pattern " + in_quotes(text) + ", which matches no file, as it ends with \"/\"; write " +
            in_quotes(text + "**") + " for all files under it"
        );
    if (text.starts_with('/') || text.starts_with("./"))
        return invalid(
            "has the pattern " + in_quotes(text) +
            ", which matches no file, as paths begin at the repository's root without \"/\" or \"./\"; "
            "write " +
            in_quotes(text.substr(text.find('/') + 1))
        );
    return {};
}

result<> judge_project_glob(std::string& text)
{
    if (text.empty())
        return empty_pattern();
    if (text.find('/') != std::string::npos)
        return invalid(
            "has the pattern " + in_quotes(text) +
            ", which matches no project, as they are named without a \"/\"; write for example \"acme\", or "
            "the "
            "pattern under repositories"
        );
    return {};
}

result<> judge_title_glob(std::string& text)
{
    return text.empty() ? empty_pattern() : result<>();
}

result<> judge_choice(std::string& text)
{
    static constexpr std::array<std::string_view, 3> words = {
        name_of(choice::any), name_of(choice::only), name_of(choice::none)};
    if (std::ranges::find(words, text) != words.end())
        return {};
    return invalid("is " + in_quotes(text) + "; " + advice(text, words));
}

result<> judge_person(std::string& text)
{
    if (text.empty())
        return empty_pattern();
    return judge_id(names_team(text) ? std::string_view(text).substr(1) : std::string_view(text));
}

result<> judge_team_name(std::string& text)
{
    if (text.starts_with('@'))
        return invalid("begins with \"@\"; write it without, rules name the team as " + in_quotes(text));
    if (text.empty())
        return invalid("is empty");
    if (text.size() > pattern_bytes_max)
        return invalid("is longer than " + std::to_string(pattern_bytes_max) + " bytes");
    if (!judge_id(text))
        return invalid("is " + in_quotes(text) + "; write one word, as in \"platform\"");
    return {};
}

result<> judge_member(std::string& text)
{
    if (text.empty())
        return invalid("has an empty id; remove it");
    if (names_team(text))
        return invalid("has the team " + in_quotes(text) + ", but teams have no teams; write its members");
    if (!is_literal(text))
        return invalid("has the pattern " + in_quotes(text) + ", but members are single ids; write each");
    return judge_id(text);
}

result<> judge_kind_glob(std::string& text)
{
    if (text.empty())
        return empty_pattern();
    if (text.size() > pattern_bytes_max)
        return invalid("has a pattern longer than " + std::to_string(pattern_bytes_max) + " bytes");
    auto const matched = check_kind_pattern(text);
    if (!matched)
        return invalid("has a pattern that matches nothing: " + matched.error().message);
    return {};
}

}  // namespace linkspan
