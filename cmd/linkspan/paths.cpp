#include "cmd/linkspan/paths.hpp"

#include <sys/stat.h>

#include <cerrno>
#include <cstdlib>
#include <system_error>
#include <vector>

namespace linkspan
{
namespace
{

namespace fs = std::filesystem;

// $variable/linkspan, else $HOME/below_home/linkspan.
result<fs::path> folder_of(char const* variable, char const* below_home, environment const& variables)
{
    for (auto const& [name, below] : {std::pair{variable, "linkspan"}, std::pair{"HOME", below_home}})
    {
        auto const value = variables(name);
        if (!value || value->empty())
            continue;
        if (!fs::path(*value).is_absolute())
            return error(
                errc::invalid,
                std::string(name) + " must be an absolute path; it is set to one that does not begin with /"
            );
        return (fs::path(*value) / below).lexically_normal();
    }
    return error(
        errc::invalid,
        std::string("neither ") + variable + " nor HOME is set, so there is no place to look; set one of them"
    );
}

// Where a flag or its variable says so, that; else a file in the folder of the standard.
result<fs::path> file_of(
    std::string const& flag,
    char const* variable,
    result<fs::path> const& folder,
    char const* name,
    environment const& variables
)
{
    auto const given = flag.empty() ? variables(variable).value_or("") : flag;
    if (given.empty())
        return folder ? result<fs::path>(*folder / name) : folder;
    std::error_code fault;
    auto const whole = fs::absolute(given, fault);
    if (fault)
        return error(errc::invalid, "cannot tell where " + given + " is: " + fault.message());
    return whole.lexically_normal();
}

// Whether an existing folder can be used as it is.
result<> check_folder(fs::path const& folder)
{
    struct stat status = {};
    if (::stat(folder.c_str(), &status) != 0)
        return error(
            errc::unavailable,
            "cannot look at " + folder.string() + ": " + std::generic_category().message(errno)
        );
    if (!S_ISDIR(status.st_mode))
        return error(
            errc::conflict, folder.string() + " is no folder; move it away, or choose another place"
        );
    bool const others_write = (status.st_mode & 022) != 0 && (status.st_mode & S_ISVTX) == 0;
    if (others_write)
        return error(
            errc::invalid,
            "the folder " + folder.string() + " may be written by others; type: chmod go-w " + folder.string()
        );
    return {};
}

}  // namespace

std::optional<std::string> process_environment(char const* name)
{
    char const* const value = std::getenv(name);
    if (value == nullptr || *value == '\0')
        return std::nullopt;
    return value;
}

result<profile_paths> find_profile(path_overrides const& overrides, environment const& variables)
{
    auto const config = folder_of("XDG_CONFIG_HOME", ".config/linkspan", variables);
    auto const data = folder_of("XDG_DATA_HOME", ".local/share/linkspan", variables);
    auto const state = folder_of("XDG_STATE_HOME", ".local/state/linkspan", variables);
    auto const config_file = file_of(overrides.config, "LINKSPAN_CONFIG", config, "config.toml", variables);
    auto const database = file_of(overrides.database, "LINKSPAN_DATABASE", data, "linkspan.db", variables);
    auto const master_key = file_of(overrides.master_key, "LINKSPAN_KEY_FILE", data, "master.key", variables);
    for (auto const* one : {&config_file, &database, &master_key, &state})
        if (!*one)
            return one->error();
    profile_paths out;
    out.config = *config_file;
    out.database = *database;
    out.master_key = *master_key;
    out.state = *state;
    if (!overrides.passphrase_file.empty() || !variables("LINKSPAN_PASSPHRASE_FILE").value_or("").empty())
    {
        auto const named =
            file_of(overrides.passphrase_file, "LINKSPAN_PASSPHRASE_FILE", data, "passphrase", variables);
        if (!named)
            return named.error();
        out.passphrase_file = *named;
    }
    out.credentials = variables("CREDENTIALS_DIRECTORY").value_or("");
    out.key_is_named = !overrides.master_key.empty() || !variables("LINKSPAN_KEY_FILE").value_or("").empty();
    out.config_is_named = !overrides.config.empty() || !variables("LINKSPAN_CONFIG").value_or("").empty();
    return out;
}

result<> find_named_config(profile_paths const& paths)
{
    std::error_code fault;
    if (!paths.config_is_named || fs::status(paths.config, fault).type() != fs::file_type::not_found)
        return {};
    return error(
        errc::not_found,
        "there is no " + paths.config.string() + "; --config or LINKSPAN_CONFIG must name a file that exists"
    );
}

result<> make_private_folder(fs::path const& folder)
{
    std::error_code fault;
    auto const whole = fs::absolute(folder, fault);
    if (fault || folder.empty())
        return error(errc::invalid, "cannot make a folder: \"" + folder.string() + "\" is no path");
    fs::path now;
    for (auto const& part : whole.lexically_normal())
    {
        now /= part;
        if (part.empty() || ::mkdir(now.c_str(), 0700) == 0 || errno == EEXIST)
            continue;
        // Above the first folder of ours, mkdir may be refused for folders that exist (EROFS, EACCES).
        int const number = errno;
        if (!fs::is_directory(now, fault))
            return error(
                errc::unavailable,
                "cannot make the folder " + now.string() + ": " + std::generic_category().message(number)
            );
    }
    return check_folder(whole.lexically_normal());
}

}  // namespace linkspan
