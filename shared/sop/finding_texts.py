"""The sentences of every finding of the lint: what was found in Indonesian and English, what to do in Indonesian and English."""

from typing import Final, Literal

Four = tuple[str, str, str, str]
TEXTS: Final[dict[Literal["error", "warning", "advice"], dict[str, Four]]] = {
    "error": {
        "unreadable": (
            "Berkas tidak dapat dibaca: {reason}.",
            "The file cannot be read: {reason}.",
            "Perbaiki penulisan YAML pada baris ini.",
            "Mend the YAML of this line.",
        ),
        "malformed": (
            "Bagian ini tidak sesuai bahasa SOP: {reason}.",
            "This part does not fit the SOP language: {reason}.",
            "Bandingkan dengan SOP yang sudah terbit atau dengan docs/reference/schemas/sop.v1.json.",
            "Compare it with a published SOP, or with docs/reference/schemas/sop.v1.json.",
        ),
        "text-missing": (
            "Teks {language} tidak ada.",
            "The {language} text is missing.",
            "Tulis teksnya dalam bahasa itu juga; pemohon berhak membaca keduanya.",
            "Write it in that language too; applicants may read either.",
        ),
        "national-asked-again": (
            "Persyaratan {name} sudah ada di sistem nasional {system}, tetapi diminta lagi dari pemohon.",
            "The requirement {name} is in the national system {system} already, but the applicant is asked for it again.",
            "Tulis source: lookup; kota membacanya dari sistem itu.",
            "Write source: lookup; the city reads it from that system.",
        ),
        "duplicate-code": (
            "Kode {name} dipakai dua kali.",
            "The code {name} is used twice.",
            "Beri salah satunya kode lain.",
            "Give one of them another code.",
        ),
        "unknown-step": (
            "Langkah {step} menunggu {name}, padahal tidak ada langkah bernama itu.",
            "Step {step} needs {name}, and no step has that name.",
            "Tulis kode salah satu langkah SOP ini: {known}.",
            "Write the code of a step of this SOP: {known}.",
        ),
        "unknown-requirement": (
            "Langkah {step} membaca {name}, padahal tidak ada persyaratan bernama itu.",
            "Step {step} reads {name}, and no requirement has that name.",
            "Tambahkan persyaratannya, atau hapus dari reads.",
            "Add the requirement, or take it out of reads.",
        ),
        "unknown-fact": (
            "Bagian ini bergantung pada data {name}, yang tidak ditanyakan kepada pemohon.",
            "This part depends on the fact {name}, which the applicant is not asked for.",
            "Tambahkan {name} pada facts, atau pakai data yang sudah ada.",
            "Add {name} to facts, or use one that is there.",
        ),
        "undeclared-basis": (
            "Bagian ini bersandar pada {name}, yang tidak tercantum dalam legal_bases SOP ini.",
            "This part rests on {name}, which is not among the legal_bases of this SOP.",
            "Cantumkan {name} dalam legal_bases.",
            "List {name} in legal_bases.",
        ),
        "no-single-decision": (
            "SOP dimulai dengan pemeriksaan kelengkapan dan berakhir dengan tepat satu penetapan; SOP ini tidak.",
            "An SOP begins with the completeness check and ends with exactly one decision; this one does not.",
            "Letakkan langkah completeness di awal dan satu-satunya langkah decision di akhir.",
            "Put the completeness step first and the only decision step last.",
        ),
        "unfinished-step": (
            "Langkah {step} ({kind}) belum utuh: {missing} tidak ada.",
            "Step {step} ({kind}) is not whole: it has no {missing}.",
            "Lengkapi {missing}, atau ubah jenis langkahnya.",
            "Add the {missing}, or change the kind of step.",
        ),
        "cycle": (
            "Langkah {path} saling menunggu, sehingga tidak satu pun dapat dimulai.",
            "The steps {path} wait for each other, so that none can ever begin.",
            "Hapus salah satu needs di antara mereka.",
            "Take one of the needs between them away.",
        ),
        "out-of-order": (
            "Langkah {step} menunggu {name}, yang baru ditulis sesudahnya.",
            "Step {step} needs {name}, which is written after it.",
            "Pindahkan langkah {name} ke atas langkah {step}.",
            "Move the step {name} above the step {step}.",
        ),
        "unreachable": (
            "Langkah {step} tidak akan pernah dikerjakan: {reason}.",
            "Step {step} can never be done: {reason}.",
            "Perbaiki syaratnya, atau hapus langkah ini.",
            "Mend the condition, or take the step away.",
        ),
        "dead-end": (
            "Penetapan tidak bergantung pada langkah {step}: {days_long} pekerjaan tanpa akibat.",
            "No decision depends on step {step}: {days_long} of work without effect.",
            "Masukkan {step} ke needs langkah berikutnya, atau hapus langkah ini.",
            "Name {step} in the needs of a later step, or take the step away.",
        ),
        "unknown-agency": (
            "Instansi {name} tidak ada dalam daftar instansi, jadi tidak ada yang mengerjakannya.",
            "The agency {name} is not in the register of agencies, so nobody does it.",
            "Pakai nama dari daftar (shared/agencies.py), atau daftarkan instansinya.",
            "Use a name of the register (shared/agencies.py), or register the agency.",
        ),
        "unknown-role": (
            "Peran {name} tidak ada dalam daftar peran, jadi tidak ada yang boleh mengerjakan langkah {step}.",
            "The role {name} is not in the register of roles, so nobody may do step {step}.",
            "Pakai peran dari daftar (shared/roles.py), atau daftarkan perannya.",
            "Use a role of the register (shared/roles.py), or register it.",
        ),
        "nobody-acts": (
            "Langkah {step} diserahkan kepada sistem, tetapi tidak (selalu) dikerjakan oleh aturan.",
            "Step {step} is given to the system, but no rule does it, or not always.",
            "Tulis automatic: true tanpa manual_when, atau sebutkan peran seorang petugas.",
            "Write automatic: true without manual_when, or name the role of an officer.",
        ),
        "promise-too-short": (
            "Jalur terpanjang {path} memakan {longest_long}, {days} lebih lama daripada janji layanan {promise}.",
            "The longest path {path} takes {longest_long}, {days} more than the promise of {promise}.",
            "Pendekkan target pada jalur itu, jalankan langkahnya bersamaan, atau naikkan janji.",
            "Shorten targets on that path, let its steps run at the same time, or promise more days.",
        ),
        "asked-twice": (
            "Persyaratan {name} diminta dua kali: {title}.",
            "The requirement {name} is asked for twice: {title}.",
            "Minta satu kali saja dan biarkan semua langkah membaca yang satu itu.",
            "Ask for it once, and let every step read that one.",
        ),
        "city-issued-upload": (
            "Persyaratan {name} diterbitkan oleh {agency}, instansi kota sendiri, tetapi diminta dari pemohon.",
            "The requirement {name} is issued by {agency}, an agency of this city, but the applicant is asked for it.",
            "Tulis source: lookup; kota mencari sendiri apa yang diterbitkannya.",
            "Write source: lookup; the city looks up what it has issued itself.",
        ),
        "charge-without-basis": (
            "Langkah {step} memungut uang tanpa dasar hukum.",
            "Step {step} charges money without a legal basis.",
            "Sebutkan legal_basis pada charge; tanpa dasar tidak boleh ada pungutan.",
            "Name the legal_basis of the charge; without one nothing may be charged.",
        ),
        "deemed-forbidden": (
            "Fiktif positif ditutup, padahal {name} tidak melarangnya.",
            "Deemed approval is forbidden, but {name} does not forbid it.",
            "Sebutkan peraturan yang melarangnya (deemed: forbids dalam daftar peraturan), atau bolehkan.",
            "Name the regulation that forbids it (deemed: forbids in the register), or allow it.",
        ),
        "unknown-basis": (
            "Peraturan {name} tidak ada dalam daftar peraturan.",
            "The regulation {name} is not in the register of regulations.",
            "Periksa kodenya, atau daftarkan peraturannya di shared/sop/register.yaml.",
            "Check its code, or register it in shared/sop/register.yaml.",
        ),
        "repealed-basis": (
            "{number} tidak berlaku lagi{since}; yang bersandar padanya: {elements}.",
            "{number} is no longer in force{since}; what rests on it: {elements}.",
            "Ganti dengan {successor} dan terbitkan versi baru.",
            "Replace it by {successor} and publish a new version.",
        ),
        "same-version": (
            "{name} ada dalam dua berkas.",
            "{name} stands in two files.",
            "Naikkan version pada berkas yang lebih baru.",
            "Raise the version of the newer file.",
        ),
    },
    "warning": {
        "never-read": (
            "Persyaratan {name} diminta, tetapi tidak dibaca oleh langkah mana pun.",
            "The requirement {name} is asked for, but no step reads it.",
            "Hapus persyaratannya, atau sebutkan pada reads langkah yang memeriksanya.",
            "Ask for it no more, or name it in the reads of the step that checks it.",
        ),
        "condition-never-holds": (
            "Syarat ini tidak pernah terpenuhi: {reason}.",
            "This condition never holds: {reason}.",
            "Perbaiki syaratnya, atau hapus bagian ini.",
            "Mend the condition, or take this part away.",
        ),
        "added-by-city": (
            "Persyaratan {name} ditambahkan kota pada izin yang dimiliki sistem nasional ({system}).",
            "The city adds the requirement {name} to a permit that a national system owns ({system}).",
            "Hapus; izin nasional memakai satu acuan. Bila perlu, usulkan kepada kementeriannya.",
            "Take it out: a national permit has a single reference. If it is needed, propose it to the ministry.",
        ),
        "too-many-signatures": (
            "{count} orang berturut-turut memaraf atau menandatangani: {path}; {days_long} di antara yang pertama dan yang terakhir.",
            "{count} persons in a row initial or sign: {path}; {days_long} between the first and the last.",
            "Cukup dua orang: yang bertanggung jawab atas isi, dan yang menetapkan.",
            "Two are enough: who answers for the content, and who decides.",
        ),
        "repeal-coming": (
            "{number} berlaku sampai {day}; yang bersandar padanya: {elements}.",
            "{number} is in force until {day}; what rests on it: {elements}.",
            "Siapkan versi baru yang bersandar pada {successor}.",
            "Prepare a new version that rests on {successor}.",
        ),
        "not-yet-in-force": (
            "{number} baru berlaku mulai {day}; yang bersandar padanya: {elements}.",
            "{number} comes into force on {day} only; what rests on it: {elements}.",
            "Jangan terbitkan versi ini sebelum tanggal itu.",
            "Do not publish this version before that day.",
        ),
        "doubtful-basis": (
            "Berlakunya {number} diragukan: {note}; yang bersandar padanya: {elements}.",
            "Whether {number} is in force is in doubt: {note}; what rests on it: {elements}.",
            "Mintakan kepastian bagian hukum, lalu perbarui shared/sop/register.yaml.",
            "Have the legal office settle it, then update shared/sop/register.yaml.",
        ),
    },
    "advice": {
        "promise-too-long": (
            "Janji layanan {promise_long}, {days} lebih banyak daripada jalur terpanjang {path} ({longest}).",
            "The promise is {promise_long}, {days} more than the longest path {path} ({longest}).",
            "Janjikan {longest_long}.",
            "Promise {longest_long}.",
        ),
        "could-run-in-parallel": (
            "Langkah {step} menunggu {name}, tetapi tidak membaca apa pun yang dapat diubahnya; bersamaan, hasilnya {days_long} lebih cepat.",
            "Step {step} waits for {name} but reads nothing that it may change; at the same time, all would be {days_long} faster.",
            "Hapus {name} dari needs {step} dan tambahkan pada langkah sesudahnya, kecuali bila penolakan {name} menghemat pekerjaan {step}.",
            "Move {name} from the needs of {step} to the step after it, unless a rejection by {name} is meant to spare the work of {step}.",
        ),
        "two-agencies": (
            "Beberapa instansi memeriksa hal yang sama ({title}): {who}.",
            "Several agencies check the same thing ({title}): {who}.",
            "Sepakati siapa yang memeriksa apa; bila satu cukup, yang lain memakai hasilnya.",
            "Agree on who checks what; where one is enough, the others use its result.",
        ),
        "asked-by-several": (
            "Dokumen yang sama ({title}) diminta oleh {count} jenis izin: {who}.",
            "The same document ({title}) is asked for by {count} permit types: {who}.",
            "Simpan sekali, lalu cari sendiri untuk izin berikutnya; samakan judul dan isinya.",
            "Keep it once and look it up for the next permit; give it the same title and content everywhere.",
        ),
        "repeated-review": (
            "Dalam rangkaian {chain}, {agency} mengulang penilaian: {who}.",
            "In the chain {chain}, {agency} does the same review again: {who}.",
            "Pakai hasil yang pertama, atau nilai keduanya sekaligus; paling banyak {days_long} pekerjaan terhemat.",
            "Use the first result, or review both together; at most {days_long} of work are saved.",
        ),
    },
}
