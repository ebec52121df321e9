#include "cmd/linkspan/profile_store.hpp"

#include "cmd/linkspan/keys.hpp"
#include "core/base/nearest.hpp"

#include <algorithm>

namespace linkspan
{

result<command_store> open_store(profile_paths const& paths)
{
    if (auto const folder = paths.database.parent_path(); !folder.empty())
        if (auto const made = make_private_folder(folder); !made)
            return made.error();
    return command_store::open(paths.database);
}

result<std::optional<command_store>> find_store(profile_paths const& paths)
{
    std::error_code failure;
    if (!std::filesystem::exists(paths.database, failure))
    {
        if (failure)
            return error(errc::unavailable, "open " + paths.database.string() + ": " + failure.message());
        return std::optional<command_store>();
    }
    auto opened = command_store::open(paths.database);
    if (!opened)
        return opened.error();
    return std::optional<command_store>(std::move(*opened));
}

result<vault> find_vault(profile_paths const& paths)
{
    auto database = find_store(paths);
    if (!database)
        return database.error();
    if (!*database)
        return error(errc::not_found, "there is no database " + paths.database.string() + " yet");
    return (*database)->read<vault>(system_now(), [&](transaction& tx) { return find_vault(tx, paths); });
}

result<vault> find_vault(transaction& tx, profile_paths const& paths)
{
    return key_reader_of(paths)->read(tx);
}

result<vault> open_vault(command_store& database, profile_paths const& paths)
{
    return key_reader_of(paths)->read_or_make(database);
}

std::string did_you_mean(std::string_view word, std::vector<std::string> const& candidates)
{
    auto const near = nearest(word, candidates);
    return near.empty() ? std::string() : "; did you mean \"" + std::string(near) + "\"?";
}

std::string const& name_of(link_row const& link)
{
    return link.name ? *link.name : link.id.value;
}

result<link_names> names_of_links(transaction& tx)
{
    auto const all = list_links(tx);
    if (!all)
        return all.error();
    link_names out;
    for (auto const& one : *all)
        if (one.name)
            out.emplace(one.id.value, *one.name);
    return out;
}

std::string const& name_of(link_names const& links, std::string const& id)
{
    auto const found = links.find(id);
    return found == links.end() ? id : found->second;
}

result<link_row> find_link_or_nearest(transaction& tx, std::string_view id_or_name)
{
    auto found = find_link(tx, id_or_name);
    if (found || found.error().code != errc::not_found)
        return found;
    auto const all = list_links(tx);
    if (!all)
        return all.error();
    std::vector<std::string> names;
    for (auto const& one : *all)
    {
        names.push_back(one.id.value);
        if (one.name)
            names.push_back(*one.name);
    }
    auto const near = did_you_mean(id_or_name, names);
    return error(
        errc::not_found,
        "there is no link " + std::string(id_or_name) +
            (near.empty() ? "; linkspan list-links shows them all" : near)
    );
}

std::vector<std::string> missing_fields(link_template const& kind, link_row const& link)
{
    std::vector<std::string> missing;
    for (auto const& field : kind.fields)
        if (field.is_required && !field.is_automatic &&
            std::ranges::find(link.field_names, field.name) == link.field_names.end())
            missing.emplace_back(field.name);
    return missing;
}

bool may_pass(errc code) noexcept
{
    return code == errc::unavailable || code == errc::unauthorized || code == errc::conflict ||
           code == errc::not_found || code == errc::invalid;
}

}  // namespace linkspan
