#include "cmd/linkspan/link_directory.hpp"

#include "links/registry.hpp"

namespace linkspan
{

open_link const* link_directory::find(std::string_view id_or_name) const
{
    auto const place = places_.find(id_or_name);
    return place == places_.end() ? nullptr : &links_[place->second];
}

result<std::shared_ptr<link_directory const>> link_directory::load(
    transaction& tx, std::optional<vault> const& keys, std::string const& keys_problem
)
{
    auto rows = list_links(tx);
    if (!rows)
        return rows.error();
    auto out = std::make_shared<link_directory>();
    if (keys)
        out->keys_ = std::make_shared<vault const>(*keys);
    for (auto const& row : *rows)
    {
        auto const label = "link " + row.name.value_or(row.id.value) + ": ";
        open_link link;
        link.id = row.id;
        link.name = row.name;
        link.kind = find_template(row.template_name);
        link.allow_unsigned = row.allow_unsigned;
        link.updated_at = row.updated_at;
        if (link.kind == nullptr)
        {
            out->problems_.push_back(
                label + "its template " + row.template_name + " is not known to this version"
            );
            continue;
        }
        if (!row.field_names.empty())
        {
            if (!keys)
            {
                out->problems_.push_back(label + keys_problem);
                continue;
            }
            auto fields = open_fields(tx, *keys, row.id);
            if (!fields)
            {
                out->problems_.push_back(label + fields.error().message);
                continue;
            }
            link.fields = std::move(*fields);
        }
        out->links_.push_back(std::move(link));
    }
    // Names first, so that an id wins where a name looks like one.
    for (std::size_t i = 0; i < out->links_.size(); ++i)
        if (out->links_[i].name)
            out->places_.insert_or_assign(*out->links_[i].name, i);
    for (std::size_t i = 0; i < out->links_.size(); ++i)
        out->places_.insert_or_assign(out->links_[i].id.value, i);
    return std::shared_ptr<link_directory const>(std::move(out));
}

}  // namespace linkspan
