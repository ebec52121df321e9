#include "store/rotation.hpp"

#include "store/vault.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace linkspan
{
namespace
{

// A lock of the folder and not of the file, which is replaced; it goes with the process.
result<int> lock_folder(std::filesystem::path const& file)
{
    auto const folder = file.parent_path();
    int const fd = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return error(errc::unavailable, "open " + folder.string() + ": " + std::strerror(errno));
    if (::flock(fd, LOCK_EX | LOCK_NB) == 0)
        return fd;
    int const number = errno;
    ::close(fd);
    if (number == EWOULDBLOCK)
        return error(errc::conflict, "another linkspan rotate-key is at work on " + file.string());
    return error(errc::unavailable, "lock " + folder.string() + ": " + std::strerror(number));
}

// Of a file's keys.
vault vault_of(opened_keys const& held, std::filesystem::path const& file)
{
    return vault::of_keys(held.keys, key_file_origin(file));
}

// A database from before keys were named: what has sealed its rows is named first.
result<std::optional<sealing_key>> find_or_name(command_store& database, vault const& keys, time_point now)
{
    return database.write<std::optional<sealing_key>>(
        now,
        [&](transaction& tx) -> result<std::optional<sealing_key>>
        {
            auto const named = find_sealing_key(tx);
            if (!named || *named)
                return named;
            if (auto const done = name_sealing_key(tx, keys); !done)
                return done.error();
            return find_sealing_key(tx);
        }
    );
}

}  // namespace

rotation::rotation(rotation&& other) noexcept
    : folder_(std::exchange(other.folder_, -1)),
      file_(std::move(other.file_)),
      held_(std::move(other.held_)),
      stage_(other.stage_),
      goes_on_(other.goes_on_),
      cursor_(std::move(other.cursor_))
{
}

rotation::~rotation()
{
    if (folder_ >= 0)
        ::close(folder_);
}

result<rotation> rotation::open(
    command_store& database,
    std::filesystem::path const& key_file,
    std::function<result<opened_keys>()> const& read,
    time_point now
)
{
    rotation out;
    out.file_ = key_file;
    auto const locked = lock_folder(key_file);
    if (!locked)
        return locked.error();
    out.folder_ = *locked;
    // Behind the lock: what was read before could be older than the end of another rotation.
    auto held = read();
    if (!held)
        return held.error();
    out.held_ = std::move(*held);
    auto const keys = vault_of(out.held_, key_file);
    auto const named = find_or_name(database, keys, now);
    if (!named)
        return named.error();
    bool const has_more = out.held_.keys.size() > 1;
    if (*named && !keys.holds((*named)->key_id))
        return error(
            errc::unauthorized,
            "the database is sealed with the master key " + (*named)->key_id + " (" + (*named)->origin +
                "), which " + keys.origin() + " does not hold: restore the right key file from your backup"
        );
    bool const is_named = *named && (*named)->key_id == keys.key_id();
    out.goes_on_ = has_more;
    out.stage_ = !has_more  ? rotation_stage::write_new_key
                 : is_named ? rotation_stage::reseal
                            : rotation_stage::name_new_key;
    return out;
}

void rotation::lock_with(std::optional<passphrase_lock> lock)
{
    held_.lock = std::move(lock);
}

std::string rotation::new_key_id() const
{
    return id_of_key(held_.keys.front());
}

result<> rotation::step(command_store& database, time_point now)
{
    switch (stage_)
    {
        case rotation_stage::write_new_key:
            return write_new_key();
        case rotation_stage::name_new_key:
            return name_new_key(database, now);
        case rotation_stage::reseal:
            return reseal(database, now);
        case rotation_stage::drop_old_keys:
            return drop_old_keys(database, now);
        case rotation_stage::done:
            return {};
    }
    return {};
}

result<> rotation::write_file(std::vector<secret> keys)
{
    opened_keys next;
    next.keys = std::move(keys);
    next.lock = held_.lock;
    auto const text = text_of_keys(next);
    if (!text)
        return text.error();
    if (auto const written = replace_private_file(file_, *text); !written)
        return written;
    held_ = std::move(next);
    return {};
}

result<> rotation::write_new_key()
{
    auto keys = held_.keys;
    keys.insert(keys.begin(), make_key());
    if (auto const written = write_file(std::move(keys)); !written)
        return written;
    stage_ = rotation_stage::name_new_key;
    return {};
}

result<> rotation::name_new_key(command_store& database, time_point now)
{
    auto const keys = vault_of(held_, file_);
    auto const named = database.write<bool>(
        now,
        [&](transaction& tx) -> result<bool>
        {
            auto const before = find_sealing_key(tx);
            if (!before)
                return before.error();
            if (*before && !keys.holds((*before)->key_id))
                return error(
                    errc::conflict,
                    "the database was sealed with another key meanwhile (" + (*before)->key_id +
                        "); look which key file is the right one"
                );
            if (auto const done = change_sealing_key(tx, keys.key_id(), keys.origin()); !done)
                return done.error();
            return true;
        }
    );
    if (!named)
        return named.error();
    stage_ = rotation_stage::reseal;
    return {};
}

result<> rotation::reseal(command_store& database, time_point now)
{
    auto const keys = vault_of(held_, file_);
    auto next = database.write<reseal_cursor>(
        now, [&](transaction& tx) { return reseal_some(tx, keys, cursor_, reseal_rows_max); }
    );
    if (!next)
        return next.error();
    cursor_ = std::move(*next);
    if (cursor_.is_at_end)
        stage_ = rotation_stage::drop_old_keys;
    return {};
}

result<> rotation::drop_old_keys(command_store& database, time_point now)
{
    using counts = std::map<std::string, std::int64_t>;
    auto const used = database.read<counts>(now, count_sealed);
    if (!used)
        return used.error();
    std::vector<secret> kept;
    for (auto const& key : held_.keys)
        if (kept.empty() || used->contains(id_of_key(key)))
            kept.push_back(key);
    bool const is_whole = kept.size() == 1;
    if (auto const written = write_file(std::move(kept)); !written)
        return written;
    if (cursor_.unopened > 0)
        return error(
            errc::unauthorized,
            std::to_string(cursor_.unopened) + (cursor_.unopened == 1 ? " value does" : " values do") +
                " not open and could not be sealed with the new key: " + cursor_.first_failure
        );
    if (!is_whole)
        return error(
            errc::conflict,
            "something was sealed with an old key meanwhile; type linkspan rotate-key once more"
        );
    stage_ = rotation_stage::done;
    return {};
}

}  // namespace linkspan
