#pragma once
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace linkspan::test
{

// mild: nothing that was not synced is on the disk. harsh: a part of it is, out of order and torn.
enum class cut_mode
{
    mild,
    harsh
};

// What became of the unsynced writes and truncations at one cut.
struct cut_effect
{
    std::size_t kept = 0;
    std::size_t dropped = 0;
    std::size_t torn = 0;
};

// Everything that a program did to its files, in order, so that the disk after a power cut can be made for
// *any* moment of the run afterwards. A moment is a number of recorded events: cut at n means that the power
// failed after the first n events and before the next.
//
// The model of the disk:
// - A write or truncation is on the disk once its file was synced. Syncing a file syncs all that was written
// to it,
//   through whichever handle. A sync is atomic: a cut during it is a cut just before it.
// - A file's name is apart from its content, as POSIX has it: names come and go when the folder is synced.
// Changes of
//   names keep their order (a journalling file system): those after the last sync of the folder survive up to
//   some point, in mild mode none. All files of a recording are in one folder.
// - harsh: each unsynced write is kept, dropped or torn on its own, whatever came of earlier ones; a torn
// write leaves
//   any subset of its 512-byte sectors. Only bytes of the write itself are ever touched (SQLite's
//   SQLITE_IOCAP_POWERSAFE_OVERWRITE, which the unix VFS claims by default). What a file gained by a lost
//   write below a kept one reads as zeros.
// - What existed before the recording saw it is on the disk from the start.
//
// Not thread-safe: power_cut_vfs takes care of that while it is in use.
class disk_recording
{
public:
    using moment = std::size_t;
    using file_id = std::size_t;

    // Enough for some ten thousand commits; a recording that grows further is a mistake of the test.
    static constexpr std::size_t recorded_bytes_max = 256U << 20U;
    static constexpr std::int64_t sector_bytes = 512;

    explicit disk_recording(std::size_t bytes_max = recorded_bytes_max) : bytes_max_(bytes_max) {}

    moment now() const { return events_.size(); }
    // False when `bytes` more would pass the limit.
    bool has_room(std::size_t bytes) const { return recorded_bytes_ + bytes <= bytes_max_; }

    // The file that bears this name now; import_file() takes one that was there before the recording.
    bool knows(std::string const& name) const { return names_.contains(name); }
    file_id file(std::string const& name) const { return names_.at(name); }
    file_id import_file(std::string const& name, std::string content);
    file_id create(std::string const& name);
    void remove(std::string const& name, bool sync_folder);

    void write(file_id file, std::int64_t offset, std::string_view bytes);
    void truncate(file_id file, std::int64_t size);
    void sync(file_id file, bool sync_folder);

    // The program told somebody that `id` is safe: from this moment on it has to survive.
    void acknowledge(std::int64_t id);
    std::vector<std::int64_t> acknowledged_before(moment cut) const;
    // The moments right after each acknowledgement: where a lie is easiest to see.
    std::vector<moment> acknowledgements() const;

    // Makes the files as the disk holds them after a power cut at `cut`, in `folder`, which is made or empty
    // (throws std::runtime_error otherwise). The same arguments make the same bytes.
    cut_effect materialise(moment cut, cut_mode mode, std::uint64_t seed, std::filesystem::path const& folder)
        const;

private:
    friend class recorded_disk;

    enum class kind : std::uint8_t
    {
        create,
        remove,
        write,
        truncate,
        sync,
        acknowledge
    };
    struct event
    {
        kind what;
        bool sync_folder;
        file_id file;
        std::int64_t number;  // An offset, a size or an acknowledged id.
        std::string text;     // Bytes written, or a name.
    };
    struct imported_file
    {
        std::string name;
        file_id file;
        std::string content;
    };

    void record(event happened);

    std::vector<event> events_;
    std::vector<imported_file> imported_;
    std::map<std::string, file_id> names_;
    std::size_t files_ = 0;
    std::size_t recorded_bytes_ = 0;
    std::size_t bytes_max_;
};

}  // namespace linkspan::test
