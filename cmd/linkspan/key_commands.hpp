#pragma once
#include "cmd/linkspan/profile_store.hpp"
#include "cmd/linkspan/terminal.hpp"

#include <string>
#include <vector>

namespace linkspan
{

// `linkspan rotate-key`: a new master key, and everything sealed anew with it, while serve runs. Goes on
// where an earlier one ended. errc::invalid where the key is a systemd credential, which cannot be written.
struct rotate_key_options : command_options
{
    bool locks = false;    // the key file is locked with a new passphrase
    bool unlocks = false;  // ... with none any more
    std::string new_passphrase_file;
};
result<> rotate_key(terminal& on, rotate_key_options const& options);

// `linkspan export-links FILE [LINK...]`: links with their credentials, encrypted with a passphrase. "-":
// standard output; errc::invalid with `json`, which has its document there. errc::conflict where the file
// exists.
struct export_links_options : command_options
{
    std::string file;
    std::vector<std::string> links;  // none: all
    std::string passphrase_file;
};
result<> export_links(terminal& on, export_links_options const& options);

// `linkspan import-links FILE [LINK...]`: takes them in. Nothing is changed where one of them is in the way
// of a link that exists (errc::conflict), unless `replaces`.
struct import_links_options : command_options
{
    std::string file;  // "-": standard input
    std::vector<std::string> links;
    std::string passphrase_file;
    bool replaces = false;
    bool only_tells = false;
};
result<> import_links(terminal& on, import_links_options const& options);

}  // namespace linkspan
