#include "store/key_file.hpp"

#include "store/cipher.hpp"

#include <fcntl.h>
#include <openssl/evp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace linkspan
{
namespace
{

constexpr std::string_view line_head = "linkspan-master-key-1 ";

class open_file
{
public:
    explicit open_file(int fd) : fd_(fd) {}
    ~open_file()
    {
        if (fd_ >= 0)
            ::close(fd_);
    }
    open_file(open_file const&) = delete;
    open_file& operator=(open_file const&) = delete;

    int fd() const { return fd_; }

private:
    int fd_;
};

error file_error(std::string const& doing)
{
    auto const code = errno == ENOENT ? errc::not_found : errc::unavailable;
    return error(code, doing + ": " + std::strerror(errno));
}

result<> judge(struct stat const& status, std::filesystem::path const& file, std::string const& what)
{
    if ((status.st_mode & 077) != 0)
        return error(errc::unauthorized, what + " may be read by others; type: chmod 600 " + file.string());
    // Root may do anything anyway; anybody else could put another key in its place.
    if (status.st_uid != ::geteuid() && status.st_uid != 0)
        return error(
            errc::unauthorized,
            what + " belongs to another user (uid " + std::to_string(status.st_uid) + "); type: chown " +
                std::to_string(::geteuid()) + " " + file.string()
        );
    return {};
}

// Less the line ends at its end.
std::string_view trimmed(std::string_view text)
{
    while (!text.empty() && (text.back() == '\n' || text.back() == '\r'))
        text.remove_suffix(1);
    return text;
}

result<secret> parse_line(std::string_view line, std::string const& what)
{
    auto const from_backup = "; restore it from your backup";
    if (!line.starts_with(line_head))
        return error(errc::invalid, what + " is no master key of linkspan" + from_backup);
    auto const digits = line.substr(line_head.size());
    if (digits.size() != 2 * cipher_key_bytes)
        return error(
            errc::invalid,
            what + (digits.size() < 2 * cipher_key_bytes ? " is cut short: " : " is too long: ") +
                std::to_string(digits.size()) + " digits in place of " +
                std::to_string(2 * cipher_key_bytes) + from_backup
        );
    auto key = from_hex(digits);
    if (!key)
        return error(errc::invalid, what + " has signs that are no hexadecimal digits" + from_backup);
    return std::move(*key);
}

void sync_folder(std::filesystem::path const& folder)
{
    open_file const opened(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (opened.fd() >= 0)
        ::fsync(opened.fd());
}

// Writes a draft beside the file and has `place` put it there. A name by pid would be in the way where a
// container crashed: all are 1.
template <class Place>
result<> write_draft(std::filesystem::path const& file, secret const& text, Place const& place)
{
    auto draft = file.string() + ".XXXXXX";
    open_file const opened(::mkostemp(draft.data(), O_CLOEXEC));
    if (opened.fd() < 0)
        return file_error("make the key file " + file.string());
    result<> made;
    auto const bytes = text.reveal();
    if (::write(opened.fd(), bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size()) ||
        ::fsync(opened.fd()) != 0)
        made = file_error("write the key file " + file.string());
    else
        made = place(draft);
    ::unlink(draft.c_str());
    if (made)
        sync_folder(file.parent_path());
    return made;
}

}  // namespace

result<secret> read_private_file(
    std::filesystem::path const& file, std::string const& what, std::size_t bytes_max, key_guard guard
)
{
    open_file const opened(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
    if (opened.fd() < 0)
        return file_error("read " + what);
    struct stat status = {};
    if (::fstat(opened.fd(), &status) != 0)
        return file_error("read " + what);
    if (S_ISDIR(status.st_mode))
        return error(errc::invalid, what + " is a folder; name the file in it");
    if (!S_ISREG(status.st_mode))
        return error(errc::invalid, what + " is no plain file");
    if (guard == key_guard::mode)
        if (auto const fine = judge(status, file, what); !fine)
            return fine.error();
    std::string text(bytes_max + 1, '\0');
    auto const length = ::read(opened.fd(), text.data(), text.size());
    if (length < 0)
        return file_error("read " + what);
    if (static_cast<std::size_t>(length) > bytes_max)
    {
        wipe(text);
        return error(
            errc::invalid,
            what + " holds more than " + std::to_string(bytes_max) + " bytes: is it the right one?"
        );
    }
    text.resize(static_cast<std::size_t>(length));
    secret out(std::move(text));
    if (trimmed(out.reveal()).empty())
        return error(errc::invalid, what + " is empty; restore it from your backup");
    return out;
}

bool is_locked_key(secret const& text)
{
    return text.reveal().starts_with(locked_key_head);
}

result<std::vector<secret>> parse_keys(secret const& text, std::string const& what)
{
    std::vector<secret> keys;
    auto rest = trimmed(text.reveal());
    while (!rest.empty())
    {
        auto const end = rest.find('\n');
        auto key = parse_line(trimmed(rest.substr(0, end)), what);
        if (!key)
            return key.error();
        keys.push_back(std::move(*key));
        if (keys.size() > master_keys_max)
            return error(
                errc::invalid, what + " holds more than " + std::to_string(master_keys_max) + " keys"
            );
        rest.remove_prefix(end == rest.npos ? rest.size() : end + 1);
    }
    if (keys.empty())
        return error(errc::invalid, what + " is empty; restore it from your backup");
    return keys;
}

result<secret> text_of_keys(opened_keys const& keys)
{
    std::string text;
    text.reserve(keys.keys.size() * (line_head.size() + 2 * cipher_key_bytes + 1));
    for (auto const& key : keys.keys)
    {
        auto digits = to_hex(key.reveal());
        text += line_head;
        text += digits;
        text += '\n';
        wipe(digits);
    }
    secret plain(std::move(text));
    if (!keys.lock)
        return plain;
    auto locked = keys.lock->lock(locked_key_head, plain.reveal());
    if (!locked)
        return locked.error();
    return secret(*locked + "\n");
}

std::string key_file_origin(std::filesystem::path const& file)
{
    return "key file " + file.string();
}

secret make_key()
{
    return secret(random_bytes(cipher_key_bytes));
}

std::string id_of_key(secret const& key)
{
    constexpr std::size_t id_bytes = 6;
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned length = 0;
    std::string text;
    text.reserve(64);
    text += "linkspan key id:";
    text += key.reveal();
    EVP_Digest(text.data(), text.size(), digest.data(), &length, EVP_sha256(), nullptr);
    wipe(text);
    return to_hex(std::string_view(reinterpret_cast<char const*>(digest.data()), id_bytes));
}

result<> replace_private_file(std::filesystem::path const& file, secret const& text)
{
    return write_draft(
        file,
        text,
        [&](std::string const& draft) -> result<>
        {
            if (::rename(draft.c_str(), file.c_str()) != 0)
                return file_error("replace the key file " + file.string());
            return {};
        }
    );
}

result<> make_private_file(std::filesystem::path const& file, secret const& text)
{
    return write_draft(
        file,
        text,
        [&](std::string const& draft) -> result<>
        {
            if (::link(draft.c_str(), file.c_str()) != 0 && errno != EEXIST)
                return file_error("make the key file " + file.string());
            return {};
        }
    );
}

}  // namespace linkspan
