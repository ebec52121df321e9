#pragma once
#include "cmd/linkspan/profile_store.hpp"
#include "cmd/linkspan/terminal.hpp"
#include "store/key_file.hpp"
#include "store/sealing.hpp"

#include <functional>
#include <mutex>
#include <optional>
#include <string>

namespace linkspan
{

// Where the master key comes from, the first of these that there is:
//
//   1. the key file that --key-file or LINKSPAN_KEY_FILE names
//   2. the systemd credential linkspan-master-key ($CREDENTIALS_DIRECTORY)
//   3. the key file $XDG_DATA_HOME/linkspan/master.key
//
// Each may be locked with a passphrase, which comes from the first of these: the file that --passphrase-file
// or LINKSPAN_PASSPHRASE_FILE names; the systemd credential linkspan-passphrase; a person at the terminal.
inline constexpr char const* key_credential = "linkspan-master-key";
inline constexpr char const* passphrase_credential = "linkspan-passphrase";

struct key_source
{
    std::filesystem::path file;
    key_guard guard = key_guard::mode;

    bool is_credential() const { return guard == key_guard::systemd; }
    std::string origin() const;  // "systemd credential linkspan-master-key", "key file /home/ada/..."
};
key_source find_key_source(profile_paths const& paths);

// Whether the unit's credential was the last that the daemon sealed with.
bool is_of_unit(sealing_key const& named);

// Where the master key lives, for people: "key file /home/ada/.local/share/linkspan/master.key", the same
// with
// ", locked with a passphrase", "systemd credential ...", or what is missing. Needs no key and asks nothing.
result<std::string> key_place(transaction& tx, profile_paths const& paths);

// Reads the master key, again and again: after a rotation the same file holds another one. A passphrase is
// asked for once; what it opened is not opened again while the file is the same. May be called by any thread.
class key_reader
{
public:
    explicit key_reader(profile_paths paths);

    // The keys, sealing with the one that the database names. errc::not_found where there is no key: the
    // message says what to do, and where the database is sealed with a systemd credential that only the unit
    // sees, so. errc::unauthorized where others may read it or the passphrase is wrong; errc::invalid where
    // it is none.
    result<vault> read(transaction& tx);

    // The same; nothing where there is no key, and nothing sealed that would need one.
    result<std::optional<vault>> find(transaction& tx);

    // The same as read(), and makes a key file while nothing is sealed.
    result<vault> read_or_make(command_store& database);

    // What the key file holds, for a rotation. errc::invalid where the key is a systemd credential; else as
    // read().
    result<opened_keys> read_file(command_store& database);

    // Nobody is asked for a passphrase any more: a key file that is locked from now on is errc::unauthorized
    // where no file and no credential holds its passphrase. A program that works must not wait for a person.
    void stop_asking();

    profile_paths const& paths() const { return paths_; }

private:
    result<vault> read_source(key_source const& source);
    result<opened_keys> open_text(secret const& text, std::string const& what);
    result<secret> passphrase();

    profile_paths paths_;
    std::mutex mutex_;  // the daemon reads on its reader's and its writer's thread
    bool may_ask_ = true;
    secret typed_;  // the passphrase
    secret text_;   // of the file, when it was opened last
    opened_keys opened_;
    secret wrong_line_;   // what was tried last and did not open: trying takes a third of a second,
    secret wrong_words_;  // and whoever waits for the database waits as long
    error wrong_;
};

// The one of the process, or a new one.
std::shared_ptr<key_reader> key_reader_of(profile_paths const& paths);

// Runs work that seals in one transaction. The keys are read in it, so that no rotation comes between, and
// before it, so that nobody is asked for a passphrase inside. errc::unauthorized where the database is sealed
// with a key that is not there.
template <class T>
result<T> write_sealed(
    command_store& database,
    profile_paths const& paths,
    std::function<result<T>(transaction& tx, vault const& keys)> const& work
)
{
    auto const reader = key_reader_of(paths);
    if (auto const keys = reader->read_or_make(database); !keys)
        return keys.error();
    return database.write<T>(
        system_now(),
        [&](transaction& tx) -> result<T>
        {
            auto const keys = reader->read(tx);
            if (!keys)
                return keys.error();
            auto answer = work(tx, *keys);
            if (answer || answer.error().code != errc::conflict)
                return answer;
            auto const named = find_sealing_key(tx);
            if (named && *named && !keys->holds((*named)->key_id))
                return error(errc::unauthorized, answer.error().message);
            return answer;
        }
    );
}

// The keys that the daemon works with: errc::unauthorized where they cannot be had and something is sealed.
result<std::optional<vault>> keys_of_daemon(transaction& tx, key_reader& keys);

// Says in the database which key the daemon holds and where it was read, for commands that look for it.
result<> name_keys(command_store& database, key_reader& keys, time_point now);

// A new passphrase: of the file, else typed twice. errc::invalid where nobody sits at a terminal, the two
// differ, or it is too short.
result<secret> read_new_passphrase(terminal& on, std::string const& file, std::string const& flag);

// One that is known already: of the file, else typed. `question`: "Passphrase of links.export: ".
result<secret> read_known_passphrase(
    terminal& on, std::string const& file, std::string const& flag, std::string const& question
);

}  // namespace linkspan
