#include "cmd/linkspan/key_commands.hpp"
#include "cmd/linkspan/keys.hpp"
#include "store/rotation.hpp"

#include <boost/json/object.hpp>

#include <iostream>

namespace linkspan
{
namespace
{

// What the file is locked with from now on, where that changes.
struct wanted_lock
{
    bool changes = false;
    std::optional<passphrase_lock> lock;

    wanted_lock() = default;
};

result<wanted_lock> choose_lock(terminal& on, rotate_key_options const& options)
{
    wanted_lock out;
    out.changes = options.locks || options.unlocks;
    if (!options.locks && !options.new_passphrase_file.empty())
        return error(errc::invalid, "--new-passphrase-file goes with --lock");
    if (!options.locks)
        return out;
    auto const words = read_new_passphrase(on, options.new_passphrase_file, "--new-passphrase-file");
    if (!words)
        return words.error();
    auto lock = passphrase_lock::make(*words);
    if (!lock)
        return lock.error();
    out.lock = std::move(*lock);
    return out;
}

// A line that is written over, at a terminal only.
class progress
{
public:
    explicit progress(terminal& on) : on_(on) {}
    ~progress()
    {
        if (is_shown_)
            on_.err << '\n';
    }
    progress(progress const&) = delete;
    progress& operator=(progress const&) = delete;

    void show(std::int64_t resealed)
    {
        if (!on_.is_terminal)
            return;
        is_shown_ = true;
        on_.err << "\rsealed anew: " << resealed << std::flush;
    }

private:
    terminal& on_;
    bool is_shown_ = false;
};

result<> carry_out(terminal& on, command_store& database, rotation& work)
{
    progress shown(on);
    while (work.next() != rotation_stage::done)
    {
        auto const stage = work.next();
        if (auto const done = work.step(database, system_now()); !done)
            return done;
        if (stage == rotation_stage::reseal)
            shown.show(work.resealed());
    }
    return {};
}

void report(terminal& on, rotate_key_options const& options, rotation const& work, bool is_of_unit)
{
    if (options.json)
    {
        boost::json::object document;
        document["key_id"] = work.new_key_id();
        document["resealed"] = work.resealed();
        document["continued"] = work.goes_on();
        document["key_file"] = options.paths.master_key.string();
        print_json(on.out, document);
        return;
    }
    on.out << "The master key is now " << work.new_key_id() << " in " << options.paths.master_key.string()
           << "; " << work.resealed() << (work.resealed() == 1 ? " value was" : " values were")
           << " sealed anew.\n";
    on.err
        << "Copy the key file to where you keep it: copies of the database from before open with the old one "
           "alone.\n";
    if (is_of_unit)
        on.err << "The unit of linkspan serve still has the old key: make its credential of this file, then "
                  "restart it.\n";
}

}  // namespace

result<> rotate_key(terminal& on, rotate_key_options const& options)
{
    auto database = find_store(options.paths);
    if (!database)
        return database.error();
    if (!*database)
        return error(errc::not_found, "there is no database yet, and so no master key to rotate");
    auto const reader = key_reader_of(options.paths);
    if (auto const readable = reader->read_file(**database); !readable)
        return readable.error();
    auto wanted = choose_lock(on, options);
    if (!wanted)
        return wanted.error();
    auto const named = (*database)->read<std::optional<sealing_key>>(system_now(), find_sealing_key);
    if (!named)
        return named.error();
    auto work = rotation::open(
        **database, options.paths.master_key, [&] { return reader->read_file(**database); }, system_now()
    );
    if (!work)
        return work.error();
    if (work->goes_on() && !options.json)
        on.err << "Going on with the rotation that had not come to its end.\n";
    if (wanted->changes)
        work->lock_with(std::move(wanted->lock));
    if (auto const done = carry_out(on, **database, *work); !done)
        return done;
    report(on, options, *work, *named && is_of_unit(**named));
    return {};
}

}  // namespace linkspan
