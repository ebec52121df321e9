#pragma once
#include "core/base/error.hpp"
#include "core/base/secret.hpp"
#include "store/passphrase.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace linkspan
{

// The file of the master key, in one of two forms:
//
//   linkspan-master-key-1 64-HEX-DIGITS              a line for each key: the first seals, the others only
//   open linkspan-master-key-scrypt-1 log2(N) r p ...     one line: the above, locked with a passphrase
//
// There is more than one key only while a rotation is on its way.

inline constexpr std::string_view locked_key_head = "linkspan-master-key-scrypt-1";
inline constexpr std::size_t master_keys_max = 8;
inline constexpr std::size_t key_file_bytes_max = 4096;

// Who looks after the file: its owner and mode are judged, or systemd, which guards the folder and sets both.
enum class key_guard
{
    mode,
    systemd,
};

// Reads a file that holds a secret. errc::not_found where there is none; errc::invalid for a folder, an empty
// file or one of more than bytes_max; errc::unauthorized where others may read it, or somebody else owns it.
// `what` names it in messages: "the master key /home/ada/...".
result<secret> read_private_file(
    std::filesystem::path const& file, std::string const& what, std::size_t bytes_max, key_guard guard
);

// Whether the text is locked with a passphrase.
bool is_locked_key(secret const& text);

// The keys of an unlocked text, 32 bytes each. errc::invalid names what is wrong with it.
result<std::vector<secret>> parse_keys(secret const& text, std::string const& what);

// The keys of a text and, where it is locked, with what.
struct opened_keys
{
    std::vector<secret> keys;
    std::optional<passphrase_lock> lock;

    opened_keys() = default;
};

// The text of a key file that holds these.
result<secret> text_of_keys(opened_keys const& keys);

// How the origin of such keys is told: "key file /home/ada/.local/share/linkspan/master.key".
std::string key_file_origin(std::filesystem::path const& file);

// A new random key.
secret make_key();

// Names a key without telling it: twelve hexadecimal digits.
std::string id_of_key(secret const& key);

// Writes the file whole under another name and puts it in place, so that nobody ever reads half of it and a
// power cut leaves the old one or the new one. Mode 0600. errc::unavailable where the system refuses.
result<> replace_private_file(std::filesystem::path const& file, secret const& text);

// The same where there is no file yet; one that another process has made meanwhile stays.
result<> make_private_file(std::filesystem::path const& file, secret const& text);

}  // namespace linkspan
