#pragma once
#include "cmd/linkspan/field_input.hpp"
#include "cmd/linkspan/profile_store.hpp"
#include "cmd/linkspan/terminal.hpp"

#include <optional>
#include <string>
#include <vector>

namespace linkspan
{

// `linkspan link-templates [NAME]`: what can be linked; with a name its fields and the steps at the service.
struct link_templates_options : command_options
{
    std::string name;
};
result<> show_link_templates(terminal& on, link_templates_options const& options);

// `linkspan create-link`: prints "New link ID: <id>" on `out` and what to do next on `err`.
struct create_link_options : command_options
{
    std::string template_name;
    std::string name;
    consumer_options consumer;
    std::vector<std::string> fields;  // field_input.hpp
    bool allow_unsigned = false;
};
result<> create_link(terminal& on, create_link_options const& options);

result<> show_links(terminal& on, command_options const& options);

// `linkspan get-link LINK`: never the value of a secret.
struct get_link_options : command_options
{
    std::string link;
};
result<> show_link(terminal& on, get_link_options const& options);

// `linkspan delete-link LINK`: asks at a terminal. errc::conflict when the configuration uses the link,
// unless `yes`. Ends the link's tokens at the service first; where that fails, says so and deletes all the
// same: a service that is gone must not keep its link.
struct delete_link_options : command_options
{
    std::string link;
    bool yes = false;
    bool allow_missing = false;  // no link of this name is a success
    bool no_revoke = false;
};
result<> remove_link(terminal& on, delete_link_options const& options);

// `linkspan set-creds LINK`: adds fields to those that are set, or replaces them. Without any at a terminal:
// asks for each required one that is missing. errc::invalid, and nothing is set, where a required one would
// still be missing.
struct set_creds_options : command_options
{
    std::string link;
    std::vector<std::string> fields;  // field_input.hpp
    bool is_partial = false;          // what is missing comes later
};
result<> set_creds(terminal& on, set_creds_options const& options);

// `linkspan update-link LINK`: another name, other settings; what is missing may stay so. errc::conflict when
// the name is taken.
struct update_link_options : command_options
{
    std::string link;
    std::optional<std::string> name;  // empty: none any more
    consumer_options consumer;
    std::vector<std::string> fields;  // field_input.hpp
};
result<> update_link(terminal& on, update_link_options const& options);

}  // namespace linkspan
