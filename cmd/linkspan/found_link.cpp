#include "cmd/linkspan/found_link.hpp"

#include "cmd/linkspan/link_kinds.hpp"
#include "links/registry.hpp"

namespace linkspan
{

result<found_link> find_any_link_of(profile_paths const& paths, std::string const& id_or_name)
{
    auto opened = find_store(paths);
    if (!opened)
        return opened.error();
    if (!*opened)
        return error(errc::not_found, "there is no link " + id_or_name + "; linkspan create-link makes one");
    found_link out;
    out.database = std::move(**opened);
    auto row = out.database.read<link_row>(
        system_now(), [&](transaction& tx) { return find_link_or_nearest(tx, id_or_name); }
    );
    if (!row)
        return row.error();
    out.row = std::move(*row);
    out.kind = find_template(out.row.template_name);
    return out;
}

result<found_link> find_link_of(profile_paths const& paths, std::string const& id_or_name)
{
    auto found = find_any_link_of(paths, id_or_name);
    if (!found || found->kind != nullptr)
        return found;
    return template_of(found->row).error();
}

result<link_fields> open_fields_of(found_link& of, profile_paths const& paths)
{
    if (of.row.field_names.empty())
        return link_fields();
    auto const keys = find_vault(paths);
    if (!keys)
        return keys.error();
    return of.database.read<link_fields>(
        system_now(), [&](transaction& tx) { return open_fields(tx, *keys, of.row.id); }
    );
}

}  // namespace linkspan
