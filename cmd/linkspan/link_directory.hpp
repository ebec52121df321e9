#pragma once
#include "links/link.hpp"
#include "store/links.hpp"
#include "store/vault.hpp"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace linkspan
{

// Under which name the daemon's uses of links stand in the audit.
inline constexpr char const* daemon_actor = "serve";

// A link with its fields opened, as the daemon holds it.
struct open_link
{
    link_id id;
    std::optional<std::string> name;
    link_template const* kind = nullptr;  // never null: a link of a template that is not known is left out
    bool allow_unsigned = false;
    time_point updated_at;
    link_fields fields;
};

// Every link of the profile. A new directory replaces the old one when another process has changed a link;
// whoever works with an old one keeps it alive.
class link_directory
{
public:
    // By id, else by name; null where there is none.
    open_link const* find(std::string_view id_or_name) const;

    std::vector<open_link> const& all() const { return links_; }

    // What could not be opened, a line each. The other links work.
    std::vector<std::string> const& problems() const { return problems_; }

    // What opens and seals for them; nothing where there is no master key.
    std::shared_ptr<vault const> const& keys() const { return keys_; }

    // Reads them from the store. Without keys, links with sealed fields are left out and told as problems.
    static result<std::shared_ptr<link_directory const>> load(
        transaction& tx, std::optional<vault> const& keys, std::string const& keys_problem
    );

private:
    std::vector<open_link> links_;
    std::vector<std::string> problems_;
    std::shared_ptr<vault const> keys_;
    std::map<std::string, std::size_t, std::less<>> places_;
};

}  // namespace linkspan
