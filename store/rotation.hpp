#pragma once
#include "store/key_file.hpp"
#include "store/sealing.hpp"
#include "store/store.hpp"

#include <filesystem>
#include <functional>
#include <optional>
#include <string>

namespace linkspan
{

// What the next step of a rotation is. Each is one change of the key file or one commit, so that it may end
// by force behind any of them and be begun again:
//
//   write_new_key --> name_new_key --> reseal ... --> drop_old_keys --> done
//
// A key stays in the file until no row needs it, and nothing is sealed with another key than the named one.
enum class rotation_stage
{
    write_new_key,  // the file holds the new key, and behind it the old ones
    name_new_key,   // the database is sealed with the new key from now on
    reseal,         // a few rows more
    drop_old_keys,  // the file holds the new key alone
    done,
};

// Rows that one transaction seals anew: a few milliseconds of the write lock, also with tokens of 10 kB.
inline constexpr int reseal_rows_max = 100;

class rotation
{
public:
    // Goes on where an earlier one ended; else begins one. `read` gives what the file holds, and what locks
    // it. Only one process at a time rotates the keys of a folder: errc::conflict. errc::unauthorized where
    // the database is sealed with a key that the file does not hold.
    static result<rotation> open(
        command_store& database,
        std::filesystem::path const& key_file,
        std::function<result<opened_keys>()> const& read,
        time_point now
    );
    rotation(rotation&& other) noexcept;
    rotation& operator=(rotation&&) = delete;
    ~rotation();

    rotation_stage next() const { return stage_; }
    bool goes_on() const { return goes_on_; }  // an earlier one had not come to its end

    // Locks the file with this from the next step that writes it; nothing: it is not locked.
    void lock_with(std::optional<passphrase_lock> lock);

    // Carries out one step. errc::unauthorized at the end where values did not open: the keys that have
    // sealed them stay in the file, and the message names link and field.
    result<> step(command_store& database, time_point now);

    std::string new_key_id() const;  // once it is written
    std::int64_t resealed() const { return cursor_.resealed; }

private:
    rotation() = default;
    result<> write_file(std::vector<secret> keys);
    result<> write_new_key();
    result<> name_new_key(command_store& database, time_point now);
    result<> reseal(command_store& database, time_point now);
    result<> drop_old_keys(command_store& database, time_point now);

    int folder_ = -1;  // holds the lock against another rotation
    std::filesystem::path file_;
    opened_keys held_;
    rotation_stage stage_ = rotation_stage::write_new_key;
    bool goes_on_ = false;
    reseal_cursor cursor_;
};

}  // namespace linkspan
