#include "cmd/linkspan/audit.hpp"
#include "cmd/linkspan/key_commands.hpp"
#include "cmd/linkspan/keys.hpp"
#include "cmd/linkspan/link_bundle.hpp"
#include "store/passphrase.hpp"

#include <boost/json/object.hpp>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <iostream>

namespace linkspan
{
namespace
{

constexpr std::size_t audited_at_once = 500;  // keeps the transaction short

result<std::vector<link_row>> choose(transaction& tx, std::vector<std::string> const& wanted)
{
    if (wanted.empty())
        return list_links(tx);
    std::vector<link_row> out;
    for (auto const& id_or_name : wanted)
    {
        auto found = find_link_or_nearest(tx, id_or_name);
        if (!found)
            return found.error();
        auto const is_same = [&](link_row const& row) { return row.id == found->id; };
        if (std::ranges::none_of(out, is_same))
            out.push_back(std::move(*found));
    }
    return out;
}

result<std::vector<portable_link>> take_links(transaction& tx, export_links_options const& options)
{
    auto const rows = choose(tx, options.links);
    if (!rows)
        return rows.error();
    auto const reader = key_reader_of(options.paths);
    auto const keys = reader->find(tx);
    if (!keys)
        return keys.error();
    std::vector<portable_link> out;
    for (auto const& row : *rows)
    {
        // Without a key nothing is sealed, and any will do.
        auto link = take_link(tx, *keys ? **keys : vault::of_keys({make_key()}, "no key"), row);
        if (!link)
            return link.error();
        out.push_back(std::move(*link));
    }
    return out;
}

result<> write_new_file(std::string const& name, std::string_view text)
{
    int const fd = ::open(name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0 && errno == EEXIST)
        return error(errc::conflict, name + " exists; choose another name");
    if (fd < 0)
        return error(errc::unavailable, "write " + name + ": " + std::strerror(errno));
    bool is_written = true;
    while (is_written && !text.empty())
    {
        auto const length = ::write(fd, text.data(), text.size());
        is_written = length > 0;
        text.remove_prefix(is_written ? static_cast<std::size_t>(length) : 0);
    }
    is_written = is_written && ::fsync(fd) == 0;
    int const number = errno;
    ::close(fd);
    if (is_written)
        return {};
    ::unlink(name.c_str());
    return error(errc::unavailable, "write " + name + ": " + std::strerror(number));
}

result<> audit(command_store& database, std::vector<portable_link> const& links)
{
    for (std::size_t begin = 0; begin < links.size(); begin += audited_at_once)
    {
        auto const told = database.write<bool>(
            system_now(),
            [&](transaction& tx) -> result<bool>
            {
                for (auto i = begin; i < std::min(begin + audited_at_once, links.size()); ++i)
                    if (auto const done = record_use(tx, use_by("export-links", links[i].row, "export"));
                        !done)
                        return done.error();
                return true;
            }
        );
        if (!told)
            return told.error();
    }
    return {};
}

}  // namespace

result<> export_links(terminal& on, export_links_options const& options)
{
    bool const to_output = options.file == "-";
    if (to_output && options.json)
        return error(
            errc::invalid,
            "- writes the export to standard output, where --json has its document: give a file, or leave "
            "--json away"
        );
    auto database = find_store(options.paths);
    if (!database)
        return database.error();
    if (!*database)
        return error(errc::not_found, "there are no links to export");
    std::error_code ignored;
    if (!to_output && std::filesystem::exists(options.file, ignored))
        return error(errc::conflict, options.file + " exists; choose another name");
    auto const links = (*database)->read<std::vector<portable_link>>(
        system_now(), [&](transaction& tx) { return take_links(tx, options); }
    );
    if (!links)
        return links.error();
    if (links->empty())
        return error(errc::not_found, "there are no links to export");
    auto const words = read_new_passphrase(on, options.passphrase_file, passphrase_flag);
    if (!words)
        return words.error();
    auto const lock = passphrase_lock::make(*words);
    if (!lock)
        return lock.error();
    auto const locked = lock->lock(bundle_head, to_json_text(*links, system_now()).reveal());
    if (!locked)
        return locked.error();
    // Told before it is done: who has the file has the credentials.
    if (auto const told = audit(**database, *links); !told)
        return told;
    if (to_output)
    {
        on.out << *locked << '\n';
        return {};
    }
    if (auto const written = write_new_file(options.file, *locked + "\n"); !written)
        return written;
    if (options.json)
    {
        boost::json::object document;
        document["file"] = options.file;
        document["links"] = links->size();
        print_json(on.out, document);
    }
    else
        on.out << "Exported " << links->size() << (links->size() == 1 ? " link" : " links") << " to "
               << options.file << "; whoever has it and the passphrase has their credentials.\n";
    return {};
}

}  // namespace linkspan
