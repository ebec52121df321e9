#include "cmd/linkspan/link_kinds.hpp"

#include "cmd/linkspan/profile_store.hpp"
#include "cmd/linkspan/terminal.hpp"
#include "links/registry.hpp"

#include <algorithm>

namespace linkspan
{
namespace
{

constexpr std::size_t link_name_bytes_max = 63;  // it stands in URLs and in every log line

}  // namespace

std::optional<error> ended_by_bitbucket(std::string_view name)
{
    std::string plain(name);
    std::ranges::replace(plain, '_', '-');
    if (plain.find("app-password") == plain.npos)
        return std::nullopt;
    return error(
        errc::invalid,
        "Bitbucket has ended app passwords: no new ones since 2025-09-09, none works since 2026-07-28; use "
        "bitbucket-user-token (an API token), bitbucket-access-token (of a repository, project or "
        "workspace) or bitbucket-app-oauth"
    );
}

result<link_template const*> named_template(std::string const& name)
{
    if (auto const* kind = find_template(name))
        return kind;
    if (auto const ended = ended_by_bitbucket(name))
        return *ended;
    std::vector<std::string> names;
    std::string begun;  // those that begin so: "slack" is no template, and no misspelt one
    for (auto const* one : link_templates())
    {
        names.emplace_back(one->name);
        if (!name.empty() && one->name.starts_with(name))
            begun += (begun.empty() ? "" : ", ") + names.back();
    }
    auto const near = begun.empty() ? did_you_mean(name, names) : "; there are: " + begun;
    return error(
        errc::not_found,
        "there is no template " + name + (near.empty() ? "; linkspan link-templates shows them all" : near)
    );
}

result<link_template const*> template_of(link_row const& link)
{
    if (auto const* kind = find_template(link.template_name))
        return kind;
    return error(
        errc::invalid,
        "link " + name_of(link) + " is of the template " + link.template_name +
            ", which this version does not have"
    );
}

result<> judge_fields(link_template const& kind, link_fields const& fields)
{
    return kind.check == nullptr ? result<>() : kind.check(fields);
}

std::vector<std::string> missing_fields(link_template const& kind, link_fields const& fields)
{
    link_row row;
    for (auto const& [name, value] : fields)
        if (!value.empty())
            row.field_names.push_back(name);
    return missing_fields(kind, row);
}

std::string text_of_missing(
    link_template const& kind, link_row const& link, std::vector<std::string> const& missing
)
{
    std::string names, forms;
    for (auto const& name : missing)
    {
        auto const is_named = [&](link_field const& one) { return one.name == name; };
        auto const field = std::ranges::find_if(kind.fields, is_named);
        names += (names.empty() ? "no " : " and no ") + name;
        forms += " --kv " + name + (field != kind.fields.end() && field->is_secret ? "=@file" : "=...");
    }
    return "link " + name_of(link) + " has " + names + " yet; linkspan set-creds " + name_of(link) +
           " asks for " + (missing.size() == 1 ? "it" : "them") + ", or takes" + forms;
}

result<> check_link_name(std::string_view name)
{
    auto const is_letter_or_digit = [](char c)
    { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); };
    auto const is_fine = [&](char c) { return is_letter_or_digit(c) || c == '-' || c == '_' || c == '.'; };
    if (!name.empty() && name.size() <= link_name_bytes_max && is_letter_or_digit(name.front()) &&
        std::ranges::all_of(name, is_fine))
        return {};
    return error(
        errc::invalid,
        "\"" + safe_line(name, link_name_bytes_max) +
            "\" cannot be the name of a link: use letters, digits, -, _ and ., at most " +
            std::to_string(link_name_bytes_max) + ", a letter or digit first"
    );
}

bool has_proof(link_row const& link)
{
    auto const is_proof = [](std::string const& name)
    { return name == "webhook_secret" || name == "basic_password"; };
    return link.allow_unsigned || std::ranges::any_of(link.field_names, is_proof);
}

bool needs_sign_in(link_template const& kind)
{
    return kind.oauth != nullptr && (kind.oauth->grant == grant_kind::authorization_code ||
                                     kind.oauth->grant == grant_kind::installation);
}

bool renews_itself(link_template const& kind)
{
    return kind.oauth != nullptr && kind.oauth->grant != grant_kind::authorization_code;
}

}  // namespace linkspan
